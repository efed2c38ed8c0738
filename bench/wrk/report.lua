dofile(os.getenv("BENCH_WRK") .. "/common.lua")
local now = os.date("!%Y-%m-%dT%H:%M:%SZ")
request = function()
  local lon, lat = place()
  local body = string.format('{"category":"06010","catalogue_version":"%s","description":"路口有暴露垃圾，影响通行",'
    .. '"location":{"lon":%.7f,"lat":%.7f,"accuracy":8.5},"reported_at":"%s","photos":%s}',
    os.getenv("BENCH_EDITION"), lon, lat, now, os.getenv("BENCH_PHOTOS"))
  return wrk.format("PUT", "/api/v1/reports/" .. uuid(), headers(), body)
end
