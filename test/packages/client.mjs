// client.mjs ADDRESS PORT HELD: tries to connect to PORT over and over, and keeps one connection to the echo server on
// HELD busy. Says "started" when that one is there; when its input ends, what it saw, as JSON.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [address, port, heldPort] = process.argv.slice(2);
let isOver = false;
let isHeld = false;
const seen = { tries: 0, connected: 0, held: false };

function attempt() {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port) });
    const end = (isConnected) => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.setTimeout(150, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function hammer() {
  while (!isOver) {
    seen.tries++;
    if (await attempt()) seen.connected++;
    await pause(5);
  }
}

function hold() {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: Number(heldPort) });
    socket.once('connect', () => {
      isHeld = true;
      resolve(socket);
    });
    for (const event of ['error', 'close']) {
      socket.once(event, (error) => {
        isHeld = false;
        reject(error);
      });
    }
  });
}

// A word there and back within two seconds, or the connection is lost.
function isEchoing(socket) {
  return new Promise((resolve) => {
    if (!isHeld) resolve(false);
    socket.once('data', () => resolve(true));
    socket.write('word\n');
    setTimeout(resolve, 2000, false);
  });
}

const socket = heldPort === '0' ? null : await hold();
process.stdout.write('started\n');
const hammering = hammer();
for await (const ignored of process.stdin) void ignored;
isOver = true;
await hammering;
seen.held = socket !== null && (await isEchoing(socket));
process.stdout.write(`${JSON.stringify(seen)}\n`);
process.exit();
