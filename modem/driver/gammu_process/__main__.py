"""`python -m modem.driver.gammu_process`: the driver's socket is standard input; no arguments."""

import os
from multiprocessing.connection import Connection

from modem.driver.gammu_process.session import Session

if __name__ == "__main__":
    Session(Connection(os.dup(0))).run()
