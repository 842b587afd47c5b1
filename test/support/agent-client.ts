import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './netns.ts';
import type { AgentAnswer, AgentCalls, AgentRequest, RequestOf, ResponseOf } from './probe.ts';

const PROGRAM = fileURLToPath(new URL('probe-agent.ts', import.meta.url));

/** The way to the process that stands in a namespace; one call may overtake another. */
export interface Agent {
  call<K extends keyof AgentCalls>(call: K, request: RequestOf<K>): Promise<ResponseOf<K>>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the agent of a namespace; resolves when it takes calls. It ends with the namespace's group. */
export async function startAgent(namespace: Namespace): Promise<Agent> {
  const argv = [process.execPath, '--import', 'tsx', PROGRAM];
  const child = namespace.spawn(argv, { stderr: 'inherit' });
  const waiting = new Map<number, Waiting>();
  const started = new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));
  readAnswers(child, waiting);
  child.once('exit', () => {
    const gone = new Error(`the agent of ${namespace.name} has ended`);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  });
  await started;
  let lastId = 0;
  return {
    call: <K extends keyof AgentCalls>(call: K, request: RequestOf<K>) =>
      new Promise<ResponseOf<K>>((resolve, reject) => {
        const line: AgentRequest = { id: ++lastId, call, request };
        waiting.set(line.id, { resolve: resolve as (value: unknown) => void, reject });
        child.stdin?.write(`${JSON.stringify(line)}\n`);
      }),
  };
}

function readAnswers(child: ChildProcess, waiting: Map<number, Waiting>): void {
  if (child.stdout === null) throw new Error('the agent has no stdout');
  child.stdin?.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as AgentAnswer;
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) caller?.reject(new Error(answer.error));
    else caller?.resolve(answer.value);
  });
}
