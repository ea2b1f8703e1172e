-- For wrk: sends requests at random, and prints a line of JSON with what came of it.
--
--     wrk ... URL -- FILE    a POST with a line of FILE as its body, each time another
--     wrk ... URL            a GET

local requests = {}

local thread_count = 0

function setup(thread)
    thread_count = thread_count + 1
    thread:set("number", thread_count)
end

function init(arguments)
    math.randomseed(number)
    local file = arguments[1]
    if not file then
        requests[1] = wrk.format("GET")
        return
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    for body in io.lines(file) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, body)
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format('{"requests":%d,"seconds":%.6f,"p50_ms":%.4f,"p99_ms":%.4f,"max_ms":%.4f,"errors":%d,"not_200":%d}',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        latency.max / 1e3, errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
