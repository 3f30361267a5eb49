"""python-gammu in a process of its own: a modem that hangs blocks libgammu for good, and a process can be killed.

The driver (`modem.driver.gammu`) starts `python -m modem.driver.gammu_process` through `child` and calls methods of its
`phone.Phone`. No number, text or PIN is ever in the arguments, in a log or in an error.
"""
