"""How schemathesis writes bodies of types that it does not know: their schemas are strings, which go as they are."""

import json

import schemathesis


@schemathesis.serializer("text/csv", "text/tab-separated-values", "application/x-ndjson", "application/geo+json-seq")
def text_as_it_is(context, value):
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.encode("utf-8", "replace")
