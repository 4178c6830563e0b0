"""Into whom members were merged at first: by the account holder that came after theirs, or, in a household, who has all now."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE fidelity_member m
           SET merged_first_id = COALESCE((SELECT min(f.id) FROM fidelity_holder h JOIN fidelity_member f ON f.holder_id = h.merged_into_id
                                            WHERE h.id = m.holder_id AND f.state = 'merged'), m.merged_into_id)
         WHERE m.state = 'merged' AND m.merged_first_id IS NULL
        """
    )
