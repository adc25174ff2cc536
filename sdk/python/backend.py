"""Builds the wheel (PEP 517) with nothing but Python: the modules, the library that tools/build stats
makes, and three small files that describe them.  Called by pip, or by ./build."""
import base64, hashlib, os, subprocess, sysconfig, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
NAME, VERSION, LIBRARY = 'annotary', '0.1.0', 'libannotary_stats.so.0'


def metadata():
    with open(f'{HERE}/README.md') as f:
        about = f.read()
    return (f'Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n'
            'Summary: Many people\'s answers in, one answer with a probability out\nLicense: Apache-2.0\n'
            'Requires-Python: >=3.9\nRequires-Dist: numpy>=1.22\nProvides-Extra: pandas\n'
            'Requires-Dist: pandas; extra == "pandas"\nDescription-Content-Type: text/markdown\n\n' + about)


def parts(library):
    """(name in the wheel, bytes), in a fixed order."""
    for name in sorted(os.listdir(f'{HERE}/annotary')):
        if name.endswith('.py') or name == 'py.typed':
            with open(f'{HERE}/annotary/{name}', 'rb') as f:
                yield f'annotary/{name}', f.read()
    with open(library, 'rb') as f:
        yield f'annotary/{LIBRARY}', f.read()
    with open(f'{TOP}/LICENSE', 'rb') as f:
        yield f'{NAME}-{VERSION}.dist-info/LICENSE', f.read()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    subprocess.run([f'{TOP}/tools/build', 'stats'], check=True, stdout=subprocess.DEVNULL)
    tag = 'py3-none-' + sysconfig.get_platform().replace('-', '_').replace('.', '_')
    info, record = f'{NAME}-{VERSION}.dist-info', []
    name = f'{NAME}-{VERSION}-{tag}.whl'
    with zipfile.ZipFile(os.path.join(wheel_directory, name), 'w', zipfile.ZIP_DEFLATED) as wheel:
        def put(path, data):
            one = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))      # the same input, the same bytes
            one.external_attr, one.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            wheel.writestr(one, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
            record.append(f'{path},sha256={digest},{len(data)}\n')
        for path, data in parts(f'{TOP}/build/stats/out/lib/{LIBRARY}'):
            put(path, data)
        put(f'{info}/METADATA', metadata().encode())
        put(f'{info}/WHEEL', f'Wheel-Version: 1.0\nGenerator: annotary\nRoot-Is-Purelib: false\nTag: {tag}\n'.encode())
        record.append(f'{info}/RECORD,,\n')
        wheel.writestr(zipfile.ZipInfo(f'{info}/RECORD', (1980, 1, 1, 0, 0, 0)), ''.join(record))
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit('annotary is built from a checkout: the library lies in src/stats')
