import { join } from 'node:path';
import type { LocalConfig } from '../config/local-config.ts';
import { startControlServer } from '../control/server.ts';
import type { ControlServer } from '../control/server.ts';
import { SOCKET_NAME } from '../control/wire.ts';
import type { AgentPorts } from './agent-ports.ts';
import { createControlHandler } from './control-handler.ts';
import type { ControlInputs } from './control-inputs.ts';

/** Starts the local API. */
export function startControl(
  { runDir, control: { group } }: LocalConfig,
  { clock, logger }: AgentPorts,
  inputs: ControlInputs,
): ControlServer {
  const handler = createControlHandler(inputs);
  return startControlServer({ path: join(runDir, SOCKET_NAME), group }, { handler, clock, logger });
}
