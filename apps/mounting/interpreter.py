"""Says in one line which Python this is, as far as packages built for it depend on that."""

import platform
import sys
import sysconfig

print(sys.implementation.cache_tag, sysconfig.get_platform(), *platform.libc_ver())
