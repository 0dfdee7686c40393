"""The front door in a checkout: `python cli.py ...` is the same as the installed `regelwerk ...`."""

from engine.commands import main

if __name__ == "__main__":
    main()
