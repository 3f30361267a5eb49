"""SimModem: a GSM modem and a network that exist only in memory, for any program to drive over a pty.

It is the other side of the wire and stands alone: it shares no code with the product's codec, engine or driver, so
that a fault in one of them does not cancel out here. Layers, each readable alone:

    alphabet, tpdu              what 3GPP TS 23.038 and 23.040 say about bytes
    identity                    who modem and SIM say they are
    profile, dialects           how a kind of modem behaves, and the kinds: the files of profiles/
    mishaps, faults             what can go wrong, and when it does
    network                     takes TPDUs, joins the parts of a message, writes the logs
    storage, arrivals, calls    what is stored, what is on its way to the SIM, who calls
    phone                       SIM, radio, storages together
    commands, commands_*        AT commands, answered from the phone's state
    templates, script           lines with placeholders; transcripts of real modems
    answering                   a command line to the lines of its answer
    typed, speech, power        bytes in, bytes out, and whether anybody is there
    submission                  a submit between AT+CMGS and its result
    modem                       SimModem, the dialogue: bytes and `now` in, bytes out; no port, no thread, no clock
    host, control, orders       the pty, the control socket, and the commands that play the world around the modem

Run it with `python -m modem.sim --link PATH --log FILE.jsonl`; `--help` lists profiles and faults.
"""
