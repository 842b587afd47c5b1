// An RPM package of a tree, with rpmbuild.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ARCHITECTURE = { x64: 'x86_64', arm64: 'aarch64' };

/** Writes the package into `out`; answers its file name. */
export function makeRpm({ tree, out, scratch, arch, version, environment, compression }) {
  const architecture = ARCHITECTURE[arch];
  const spec = join(scratch, 'rampart.spec');
  const text = readFileSync('packaging/rpm/rampart.spec', 'utf8');
  writeFileSync(spec, text.replace('@VERSION@', version).replaceAll('@TREE@', tree));
  const defines = {
    _topdir: join(scratch, 'rpmbuild'),
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // The files are what their makers built: nothing is stripped, compressed or compiled.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    _build_id_links: 'none',
    // rpm of EL 8 knows xz, and no zstd.
    _binary_payload: compression === 'xz' ? 'w1.xzdio' : 'w0.gzdio',
  };
  const options = Object.entries(defines).flatMap(([name, value]) => [
    '--define',
    `${name} ${value}`,
  ]);
  const args = ['-bb', '--quiet', '--target', `${architecture}-linux`, ...options, spec];
  execFileSync('rpmbuild', args, { env: environment, stdio: 'pipe' });
  const built = `rampart-${version}-1.${architecture}.rpm`;
  const name = `rampart-${version}.${architecture}.rpm`;
  copyFileSync(join(scratch, 'rpmbuild/RPMS', architecture, built), join(out, name));
  return name;
}
