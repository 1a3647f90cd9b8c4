"""The command line: `app.main` is the program, one module here is one command."""
