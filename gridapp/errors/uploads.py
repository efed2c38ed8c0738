"""What can be wrong with a photo that arrives in parts."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "wrong_offset": Kind(
        409,
        "The part does not belong here: {offset} bytes are here. Go on from there.",
        "分段位置不符：已收到 {offset} 字节，请从该处继续。",
    ),
    "tus_version": Kind(412, "This server speaks tus {known}.", "本服务器支持 tus {known}。"),
}
