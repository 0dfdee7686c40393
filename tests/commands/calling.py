"""Commands as a person types them: at a site, at a time; what they say, and that they end as expected."""

from engine.commands import run


def typing(capsys, site, clock=()):
    """A function that runs a command and returns what it said: on stderr where it is to fail."""

    def call(*arguments, code=0):
        capsys.readouterr()
        got = run([*arguments, *clock, "--site", str(site)])
        out, error = capsys.readouterr()
        assert got == code, (arguments, got, out, error)
        return out if code == 0 else error

    return call
