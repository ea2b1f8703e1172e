"""How schemathesis writes bodies of types that it does not know: their schemas are strings, which go as they are."""

import schemathesis


@schemathesis.serializer("text/csv", "text/tab-separated-values", "application/x-ndjson", "application/geo+json-seq")
def text_as_it_is(context, value):
    return value.encode("utf-8", "replace") if isinstance(value, str) else value
