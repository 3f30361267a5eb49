"""`python -m plp`: the same as the command `plp`."""

from plp.cli.main import main

if __name__ == "__main__":
    main()
