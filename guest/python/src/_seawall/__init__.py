"""The interpreter's own glue: everything between WASI and a user's script that CPython doesn't bring itself.

Reading order: `image` (which modules exist), `preload` (what is ready before the first instruction),
`start` (one run, from argv to the exit code), then one module per thing that a sandbox does differently.
Scripts never import this package.
"""
