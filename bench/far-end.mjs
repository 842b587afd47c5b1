// The other end of a connection: takes whatever TCP brings, answers each UDP packet. Prints a line when it listens.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const [address, tcpPort, udpPort] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.resume();
});
server.listen(Number(tcpPort), address);
const datagrams = createSocket('udp4');
datagrams.on('message', (message, { address: from, port }) => {
  datagrams.send(message, port, from);
});
datagrams.bind(Number(udpPort), address);
await Promise.all([once(server, 'listening'), once(datagrams, 'listening')]);
process.stdout.write('listening\n');
