"""python-gammu in a process of its own: a modem that hangs blocks libgammu for good, and a process can be killed.

The driver (`modem.driver.gammu`) starts `python -m modem.driver.gammu_process` and speaks with it over two pipes in
lines of JSON. Each file has one side of it:

    messages    what is said, both ways
    child       the driver's end: start, ask with a deadline, kill
    session     the process's end: waits for questions and for the port
    port        the port is free, and stays plugged in
    phone       gammu.StateMachine, asked
    facts       who the phone is and where it stands
    radio       its bearer and its link
    submitting  one message, and what became of it
    storage     what waits in the phone
    incoming    what came in, as a message of ours
    trail       what libgammu says of its own dialogue, and what it does not tell through python-gammu
    refusals    gammu's errors on their way to `modem.errors`

No number, text or PIN is ever in the arguments, in a log or in an error.
"""
