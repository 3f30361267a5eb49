"""python-gammu in a process of its own: a modem that hangs blocks libgammu for good, and a process can be killed.

The driver (`modem.driver.gammu`) starts `python -m modem.driver.gammu_process` and calls methods of its `Phone`:

    messages  what passes between the two, pickled
    child     the driver's end: start, ask with a deadline, kill
    session   the process's end: waits for calls and for the port
    port      the port is free, and stays plugged in
    phone     gammu.StateMachine, and what is asked beside python-gammu's calls
    refusals  gammu's errors, as ours
    trail     libgammu's own dialogue, with what it does not tell through python-gammu

No number, text or PIN is ever in the arguments, in a log or in an error.
"""
