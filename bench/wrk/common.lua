-- What all scripts share: tokens by thread, random ids and places, and the figures as one line of JSON.
local tokens = {}
for token in string.gmatch(os.getenv("BENCH_TOKENS"), "%S+") do tokens[#tokens + 1] = token end
local urandom = io.open("/dev/urandom", "rb")
local seed = 0
for i = 1, 4 do seed = seed * 256 + urandom:read(1):byte() end
math.randomseed(seed)

function uuid()
  local bytes = urandom:read(16)
  local hex = bytes:gsub(".", function(c) return string.format("%02x", c:byte()) end)
  return hex:sub(1, 8) .. "-" .. hex:sub(9, 12) .. "-4" .. hex:sub(14, 16) .. "-a" .. hex:sub(18, 20) .. "-" .. hex:sub(21, 32)
end

function headers()
  return { ["Authorization"] = "Bearer " .. tokens[math.random(#tokens)], ["Content-Type"] = "application/json" }
end

function place() return 104.401 + math.random() * 0.398, 28.601 + math.random() * 0.248 end

function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.stderr:write(string.format('{"requests": %d, "seconds": %f, "bad": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, bad, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
