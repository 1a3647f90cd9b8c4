"""A real RTSP server for the tests: GStreamer's, run by the system's python3 with gi (Debian: gir1.2-gst-rtsp-server-1.0).

python3 rtsp_server.py PORT FILE.mp4 [USER PASSWORD]: serves the H.264 of the file at /film, at its own speed, to all who watch the
same picture, and a tone at /sound; prints "ready" once it listens; `--check` ends with 0 if all that is needed is here.
"""

import sys

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer
except (ImportError, ValueError) as problem:
    sys.exit(f"missing: {problem}")

Gst.init(None)
missing = [name for name in ("filesrc", "qtdemux", "h264parse", "rtph264pay", "audiotestsrc", "alawenc", "rtppcmapay") if not Gst.ElementFactory.find(name)]
if missing:
    sys.exit(f"missing: GStreamer's {', '.join(missing)}")
if sys.argv[1:] == ["--check"]:
    sys.exit(0)

port, path, *login = sys.argv[1:]
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f'( filesrc location="{path}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )')
factory.set_shared(True)
if login:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(*login), token)
    server.set_auth(auth)
    factory.add_role_from_structure(Gst.Structure.from_string("viewer, media.factory.access=true, media.factory.construct=true")[0])
sound = GstRtspServer.RTSPMediaFactory()
sound.set_launch("( audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay0 pt=8 )")
if login:
    sound.add_role_from_structure(Gst.Structure.from_string("viewer, media.factory.access=true, media.factory.construct=true")[0])
server.get_mount_points().add_factory("/film", factory)
server.get_mount_points().add_factory("/sound", sound)
if not server.attach(None):
    sys.exit(f"port {port} is taken")
print("ready", flush=True)
GLib.MainLoop().run()
