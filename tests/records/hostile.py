"""Records that no database can keep, and bodies that are no JSON."""

MIB = 1024 * 1024


def deep(levels: int, left: str = '{"a":', right: str = "}") -> str:
    """A value so many levels deep."""
    return left * levels + "1" + right * levels


# Values of one property of a record, which itself is the first level.
VALUES = {
    "not a number": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "hidden infinity": '[{"a":[-Infinity]}]',
    "NUL": '"a\\u0000b"',
    "NUL in a name": '{"a\\u0000b":1}',
    "high surrogate": '"\\ud83d"',
    "low surrogate": '"\\ude00\\ud83d"',
    "surrogate before a text": '"\\ud83dx"',
    "surrogate in a name": '{"\\udc00":1}',
    "65 objects": deep(64),
    "65 lists": deep(64, "[", "]"),
    "1,000 objects": deep(1000),
    "1,000 lists": deep(1000, "[", "]"),
    "200,000 lists": deep(200_000, "[", "]"),
    "100,000 objects": deep(100_000),
    "1e400": "1e400",
    "-1e400": "[-1e400]",
    "1e-999999": "1e-999999",
    "0e999999999999": "0e999999999999",
    "1e-0..01": "1e-" + "0" * 5000 + "999999",
    "1,001 digits": "9" * 1001,
    "5,000 digits": "-" + "9" * 5000,
    "20,000 decimals": "0." + "3" * 20_000,
    "a mebibyte": '"' + "x" * MIB + '"',
}

WHOLES = {
    "nothing": b"",
    "space": b" \n ",
    "no JSON": b"name=x",
    "cut in a text": b'{"data":{"name":"x',
    "cut in an object": b'{"data":{"name":"x"',
    "cut in the envelope": b'{"data":{"name":"x"}',
    "cut in a list": b'{"data":[{"name":"x"},',
    "cut in an escape": b'{"data":{"name":"\\u00',
    "unquoted name": b'{"data":{name:"x"}}',
    "single quotes": b"{'data':{'name':'x'}}",
    "trailing comma": b'{"data":{"name":"x"},}',
    "trailing comma in the list": b'{"data":[{"name":"x"},]}',
    "trailing comma in the record": b'{"data":{"name":"x",}}',
    "double comma": b'{"data":[{"name":"x"},,{"name":"y"}]}',
    "more behind it": b'{"data":{"name":"x"}} {}',
    "closed too often": b'{"data":{"name":"x"}}}',
    "closed the wrong way": b'{"data":[{"name":"x"}}]',
    "leading zero": b'{"data":{"name":"x","level":01}}',
    "bare word": b'{"data":{"name":x}}',
    "comment": b'{"data":{"name":"x"}/**/}',
    "raw control character": b'{"data":{"name":"a\nb"}}',
    "raw NUL": b'{"data":{"name":"a\x00b"}}',
    "bad escape": b'{"data":{"name":"\\x41"}}',
    "byte order mark": b'\xef\xbb\xbf{"data":{"name":"x"}}',
    "UTF-16": '{"data":{"name":"x"}}'.encode("utf-16"),
    "bad UTF-8": b'{"data":{"name":"\xff"}}',
    "overlong UTF-8": b'{"data":{"name":"\xc0\xaf"}}',
    "surrogate in UTF-8": b'{"data":{"name":"\xed\xa0\x80"}}',
    "cut UTF-8": b'{"data":{"name":"\xe2\x82"}}',
    "rubbish beside the data": b'{"source":rubbish,"data":{"name":"x"}}',
    "rubbish behind the data": b'{"data":{"name":"x"},"source":01}',
    "NaN beside the data": b'{"source":NaN,"data":{"name":"x"}}',
    "no-break space": '{"data":\u00a0{"name":"x"}}'.encode(),
    "no-break space between": '{"data":[{"name":"x"},\u00a0{"name":"y"}]}'.encode(),
    "file separator": b'{"data":\x1c{"name":"x"}}',
    "open lists": b"[" * 200_000,
    "open data": b'{"data":' + b"[" * 200_000,
    "open objects": b'{"data":' * 200_000,
    "list": b'[{"name":"x"}]',
    "text": b'"data"',
    "number": b"7",
    "infinity": b"Infinity",
    "null": b"null",
}
