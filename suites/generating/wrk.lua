-- What suites/generators/wrk.ts gives wrk to run: the method and body of its requests, and at the end one line of JSON.

-- The latencies as wrk keeps them (stats.h of wrk 4): data[n] requests took n microseconds. Its own way to read them,
-- latency(i), begins at the smallest for each of them, which takes minutes after a stall.
local ffi = require('ffi')
ffi.cdef('typedef struct { uint64_t count, limit, min, max, data[]; } lab_stats;')

function init(args)
  if args[1] then
    wrk.method = 'POST'
    wrk.headers['Content-Type'] = 'application/octet-stream'
    wrk.body = string.rep('x', tonumber(args[1]))
  end
end

function done(summary, latency)
  local stats = ffi.cast('lab_stats **', latency)[0]
  assert(tonumber(stats.max) == latency.max, 'this version of wrk keeps latencies in another way')
  local latencies = {}
  if stats.count > 0 then
    for microseconds = tonumber(stats.min), tonumber(stats.max) do
      local count = tonumber(stats.data[microseconds])
      if count > 0 then latencies[#latencies + 1] = string.format('[%d,%d]', microseconds, count) end
    end
  end
  local errors = summary.errors
  io.write(string.format('{"microseconds":%d,"requests":%d,"bytes":%d,', summary.duration, summary.requests, summary.bytes))
  io.write(string.format('"connect":%d,"read":%d,"write":%d,', errors.connect, errors.read, errors.write))
  io.write(string.format('"status":%d,"late":%d,', errors.status, errors.timeout))
  io.write('"latencies":[', table.concat(latencies, ','), ']}\n')
end
