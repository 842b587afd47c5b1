// node flood.ts SOURCE DESTINATION PORT: sends UDP packets as fast as it can until it is ended; says when it has begun.
import { addressNumber, PacketSender } from '../../bench/packet-sender.ts';

const BATCH = 256;
const FIRST_PORT = 1024;

const [source = '', destination = '', port = ''] = process.argv.slice(2);
const sender = new PacketSender(addressNumber(destination), BATCH);

function send(): void {
  sender.send((i) => ({
    source: addressNumber(source),
    sourcePort: FIRST_PORT + i,
    destinationPort: Number(port),
  }));
  setImmediate(send);
}

send();
process.stdout.write('begun\n');
