"""The test suites, one module each; ``runner`` runs them and counts."""
