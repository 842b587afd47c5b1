import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../support/daemon.ts';
import { here } from '../support/here.ts';
import { MANIFESTS } from './manifests.ts';

/** The real daemon in this namespace, on a directory with MANIFESTS; not started yet. */
export class DaemonHere {
  readonly home = mkdtempSync(join(tmpdir(), 'rampart-control-'));
  readonly runDir = join(this.home, 'run');
  readonly daemon: Daemon;

  constructor(env: Readonly<Record<string, string>> = {}) {
    const directory = join(this.home, 'resources');
    mkdirSync(directory);
    writeFileSync(join(directory, 'all.yaml'), MANIFESTS);
    this.daemon = new Daemon({
      ...{ netns: here, nodeName: 'hosta', etcdEndpoint: '', runDir: this.runDir },
      env: {
        DATASTORE_TYPE: 'file',
        RAMPART_DATASTORE_DIRECTORY: directory,
        RAMPART_HEALTH_PORT: '19099',
        RAMPART_FLOWS_DENIED: 'true',
        ...env,
      },
    });
  }

  /** Ends it, and takes away its rules and files. */
  async dispose(): Promise<void> {
    await this.daemon.stop();
    spawnSync('nft', ['delete', 'table', 'inet', 'rampart']);
    rmSync(this.home, { recursive: true });
  }
}
