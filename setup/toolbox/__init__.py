"""Turns a bare Debian machine into a running Loyalty Fidelity, and runs its tests.

Standard library only: it starts before anything is installed. One module a subject; ``__main__`` reads the command line.
Every foreseeable trouble is raised as :class:`toolbox.console.Failure`, one sentence that ends with the way out.
"""
