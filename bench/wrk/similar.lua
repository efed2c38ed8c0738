dofile(os.getenv("BENCH_WRK") .. "/common.lua")
request = function()
  local lon, lat = place()
  return wrk.format("GET", string.format("/api/v1/reports/similar?category=06010&lon=%.7f&lat=%.7f", lon, lat), headers())
end
