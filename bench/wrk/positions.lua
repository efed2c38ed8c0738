dofile(os.getenv("BENCH_WRK") .. "/common.lua")
-- A hundred fixes a batch; each thread walks on in time, so that none is a duplicate.
local clock = os.time() - 20 * 3600 - math.random(100000) / 100
request = function()
  local points = {}
  local lon, lat = place()
  for i = 1, 100 do
    clock = clock + 0.004 + math.random() / 1000
    points[i] = string.format('{"at":"%s.%06dZ","lon":%.6f,"lat":%.6f,"accuracy":6.5,"speed":1.2}',
      os.date("!%Y-%m-%dT%H:%M:%S", math.floor(clock)), math.floor(clock % 1 * 1e6), lon + i / 1e5, lat + i / 1e5)
  end
  return wrk.format("POST", "/api/v1/positions", headers(), '{"points":[' .. table.concat(points, ",") .. "]}")
end
