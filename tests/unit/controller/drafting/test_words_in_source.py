"""What a program's source says of its variables and options, in many languages."""

import pytest
from fleet_controller.drafting import texts_in_source
from fleet_controller.drafting import words_in_source as source
from fleet_controller.drafting.words_in_source import Word, options, variables


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("bot.py", 'Path(os.environ["STATE_DIR"])', [Word("STATE_DIR", None, True)]),
        ("bot.py", 'float(os.environ.get("EVERY", 5))', [Word("EVERY", "5", False)]),
        ("bot.py", "os.getenv('DB_FILE', 'bot.sqlite')", [Word("DB_FILE", "bot.sqlite", False)]),
        ("bot.py", 'os.environ["TZ_OF_MARKET"] = "UTC"', []),
        ("bot.js", "const every = process.env.POLL_MS || 500", [Word("POLL_MS", "500", False)]),
        ("main.go", 'os.Getenv("DATA_DIR")', [Word("DATA_DIR", None, False)]),
        ("run.sh", 'exec "$PYTHON" -m worker', [Word("PYTHON", None, True)]),
        ("run.sh", "${EVERY:-5}", [Word("EVERY", "5", False)]),
        ("bot.py", "os.environ['HOME']", []),
        ("bot.py", 'os.environ.get("EVERY", DEFAULT_EVERY)', [Word("EVERY", None, False)]),
        ("bot.py", 'os.getenv("DATA_DIR", os.path.join(HERE, "data"))', [Word("DATA_DIR", "data", False)]),
        ("bot.js", "process.env.DATA_DIR || path.join(__dirname, 'data')", [Word("DATA_DIR", "data", False)]),
        ("bot.js", "process.env.LOG_DIR ?? config.logs.dir", [Word("LOG_DIR", None, False)]),
        ("bot.pl", "my $every = $ENV{EVERY} || 5;", [Word("EVERY", "5", False)]),
        ("bot.pl", "$ENV{'DATA_DIR'} // './var'", [Word("DATA_DIR", "./var", False)]),
        ("bot.pl", "$ENV{TRADER} = 'x';", []),
    ],
)
def test_a_variable_is_found_with_its_default(file, text, found):
    assert variables({file: text}) == found


def test_what_has_a_default_somewhere_is_not_required():
    texts = {"a.py": 'os.environ["EVERY"]', "b.py": 'os.environ.get("EVERY", "5")'}
    assert variables(texts) == [Word("EVERY", "5", False)]


def test_options_with_a_value_are_found_and_flags_are_not():
    text = """
parser.add_argument("-s", "--state-dir", required=True)
parser.add_argument("--interval", type=float, default=5.0)
parser.add_argument("--paper", action="store_true"); parser.add_argument(
    "--poll-ms",
    default=500,
)
"""
    assert options(text) == [
        Word("--state-dir", None, True),
        Word("--interval", "5.0", False),
        Word("--poll-ms", "500", False),
    ]


@pytest.mark.parametrize(
    ("name", "default", "meaning"),
    [
        ("STATE_DIR", None, source.STATE_DIR),
        ("TICKER_DIR", None, source.STATE_DIR),
        ("DATA_PATH", "data/bot.json", source.STATE_FILE),
        ("--db", "bot.sqlite", source.STATE_FILE),
        ("LOG_DIR", "logs", source.LOG_DIR),
        ("LOG_FILE", "bot.log", source.LOG_FILE),
        ("LOG_LEVEL", "INFO", source.UNKNOWN),
        ("CONFIG_PATH", "config.yml", source.UNKNOWN),
        ("SCAN_INTERVAL", "60", source.INTERVAL),
        ("TICKER_EVERY", "60", source.INTERVAL),
        ("scanEveryMs", "60", source.INTERVAL),
        ("MAX_CYCLES", None, source.CYCLES),
        ("TICKER_TICKS", "0", source.CYCLES),
        ("EXCHANGE", None, source.ADDRESS),
        ("API_URL", None, source.URL),
        ("API_KEY", None, source.SECRET),
        ("PORT", "8080", source.PORT),
        ("SYMBOL", "BTCUSDT", source.UNKNOWN),
    ],
)
def test_a_name_says_what_it_is_for(name, default, meaning):
    assert Word(name, default, False).meaning == meaning


def test_hosts_are_those_in_addresses_but_not_of_projects():
    text = "see https://github.com/x/y; REST = 'https://api.kraken.com/0', 'wss://ws.kraken.com'"
    assert texts_in_source.hosts({"bot.py": text}) == ["api.kraken.com", "ws.kraken.com"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('log.error("cannot write %s: %s", name, e)', ["cannot write"]),
        ("print(f'order not written: {e}')", ["order not written"]),
        ("logger.warning(`could not save state: ${e}`)", ["could not save state"]),
        ('say("all is written")', []),
        ('log("can\'t save the book")', ["can.t save the book"]),
    ],
)
def test_what_it_says_of_a_write_that_fails_is_found(text, found):
    assert texts_in_source.write_failures({"bot.py": text}) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('RotatingFileHandler(LOGS / "a.log", maxBytes=1_000_000, backupCount=3)', ("a.log", 1_000_000, 3)),
        ("RotatingFileHandler('b.log', maxBytes=500)", ("b.log", 500, 0)),
        ("RotatingFileHandler(os.path.join(D, 'c.log'),\n  maxBytes=500, backupCount=1)", ("c.log", 500, 1)),
        ("RotatingFileHandler(D.joinpath('d.log'), 'a', maxBytes=500)", ("d.log", 500, 0)),
        ("FileHandler('b.log')", None),
        ("RotatingFileHandler('a', maxBytes=5)\nRotatingFileHandler('b', maxBytes=5)", None),
    ],
)
def test_a_log_that_is_rotated_is_found_where_there_is_one(text, found):
    assert texts_in_source.rotated_log({"bot.py": text}) == found
