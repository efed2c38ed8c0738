"""What can be wrong with a film, or with a photo that arrives in parts."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "wrong_offset": Kind(
        409,
        "The part does not belong here: {offset} bytes are here. Go on from there.",
        "分段位置不符：已收到 {offset} 字节，请从该处继续。",
    ),
    "film_length": Kind(
        422,
        "The film does not say how long it is. Record it anew with the camera, {most} s at most, or cut it in the "
        "album and save it as MP4.",
        "影片未标明时长。请用相机重新拍摄（不超过 {most} 秒），或在相册中剪辑后另存为 MP4。",
    ),
    "tus_version": Kind(412, "This server speaks tus {known}.", "本服务器支持 tus {known}。"),
}
