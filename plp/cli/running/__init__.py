"""`plp run`: starts the processes and starts anew what ends or hangs. It knows neither database nor web."""
