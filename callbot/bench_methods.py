"""How each bench measures: published with its figures."""

METHODS = {
    "ears": "Sentences of tests/data/spoken_sentences.txt, spoken by the embedded voices (Kokoro, speed 0.9), band limit "
    "300-3400 Hz, G.711 A-law, with noise and packet loss where named; decoded one at a time; edits over syllables, "
    "without spaces and punctuation.",
    "ledger": "Invented people enrolled in an empty database; planning of a week; everything a service asks the ledger in a tick, "
    "at night with nothing due; one process claiming; due contacts driven by unanswered calls through ladder and case.",
    "score": "tests/data/score/*.jsonl in one process; ready: `callbot score` from its start to its first line.",
    "whatif": "Invented calls of the questions of the check-in (400 different ones, each stored many times and sealed anew), with "
    "turns, assessments, signals and analyses; a changed rule is tried on all of them by new processes, their start included.",
    "answers": "tests/data/answers/answers.jsonl (hand-written, with words around them, dialect and misspellings), each read by the rules "
    "as the reply to the script's question; wrong: fine for bad or unclear, bad for fine. No audio, no model.",
    "turn": "Virtual recipients (pjsua2, real RTP) called by `callbot serve --demo`; the phone's own clock, from the last "
    "sound of the person to the first sound of the bot.",
    "endpoint": "Answers with pauses inside (tests/data/paused_answers.yaml), spoken by embedded voices through G.711; Silero's voice "
    "probabilities, Whisper's text of each beginning and its CPU time as delay, recorded in paused_answers_heard.jsonl; pauses drawn "
    "log-normally by four habits, at most 2.5 s; the turn reducer, policy, pause model and Kiwi of live calls.",
    "page": "Virtual recipients say an emergency at the first question; from its last sound at the phone until a virtual SMS "
    "provider (real HTTP on loopback, signature and bytes checked) has taken the page. outbox: a ledger with queued routine pages.",
    "audio-path": "Virtual recipients answer with sentences of known meaning (tests/data/spoken_answers.yaml) through "
    "Asterisk, G.711, Silero, Whisper and the rules; compared with the answers in the ledger.",
}
