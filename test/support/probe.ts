/** What is sent to find out whether traffic gets through; `src` picks one of the sender's addresses. */
export type Probe =
  /** Connect, send two bytes, await the echo. */
  | { readonly kind: 'tcp'; readonly dst: string; readonly src?: string; readonly port: number }
  /** Send two bytes from a port of its own, await the echo. */
  | { readonly kind: 'udp'; readonly dst: string; readonly src?: string; readonly port: number }
  /** Send an ICMP or ICMPv6 request (an echo request by default), await its reply. */
  | {
      readonly kind: 'icmp';
      readonly dst: string;
      readonly src?: string;
      readonly type?: number;
      readonly code?: number;
    }
  /** Send a bare IP packet of a protocol without ports, await the echo (see `echoProtocols`). */
  | { readonly kind: 'ip'; readonly dst: string; readonly src?: string; readonly protocol: number }
  /** Send the INIT of an SCTP association, await the INIT ACK (see `echoProtocols`). */
  | { readonly kind: 'sctp'; readonly dst: string; readonly src?: string; readonly port: number };

/**
 * `ok`: the answer came. `timeout`: nothing came. `refused`: a TCP reset or port unreachable. `unreach`:
 * any other ICMP error or no route. `eperm`: the sender's own firewall said so. Otherwise the error's code.
 */
export type Outcome = 'ok' | 'timeout' | 'refused' | 'unreach' | 'eperm' | `error ${string}`;

/** What a stream of packets or connections came to. */
export interface StreamResult {
  readonly sent: number;
  readonly answered: number;
  /** When each of those that were answered was sent, milliseconds since the first one; not of UDP packets. */
  readonly answeredAtMs?: readonly number[];
}

/** Every request a probe agent understands, and what it answers. Binary data is base64. */
export interface AgentCalls {
  /** Starts echo servers: TCP on all addresses, UDP on each of `addresses`. Adds to what is there. */
  readonly listen: Call<{
    addresses: readonly string[];
    tcp: readonly number[];
    udp: readonly number[];
  }>;
  /** Sends all probes at once, each from a port of its own. */
  readonly probe: Call<{ probes: readonly Probe[]; timeoutMs: number }, readonly Outcome[]>;
  /** Opens a TCP connection that stays open under `name`. */
  readonly open: Call<{ name: string; probe: Probe; timeoutMs: number }, Outcome>;
  /** Sends two bytes over an open connection and awaits their echo. */
  readonly exchange: Call<{ name: string; timeoutMs: number }, Outcome>;
  /** The local port of an open connection. */
  readonly localPort: Call<{ name: string }, number>;
  /** Resets an open connection. */
  readonly close: Call<{ name: string }>;
  /** Repeats a probe every `everyMs` until `endStream`; UDP keeps to one flow, TCP connects anew. */
  readonly stream: Call<{ name: string; probe: Probe; everyMs: number }>;
  readonly endStream: Call<{ name: string }, StreamResult>;
  /** Answers packets of these IP protocols with the same payload, SCTP's INITs with INIT ACKs; an empty list stops. */
  readonly echoProtocols: Call<{ protocols: readonly number[] }>;
  /** Sends one IP payload as it is. */
  readonly sendPacket: Call<
    { dst: string; src: string; protocol: number; payload: string },
    Outcome
  >;
  /** Collects the payloads of one IP protocol that are delivered to this host, from now on. */
  readonly sniff: Call<{ family: 4 | 6; protocol: number }>;
  /** What was collected since `sniff`, and stops. */
  readonly sniffed: Call<object, readonly string[]>;
  /** TCP connections that the echo servers have accepted, by port. */
  readonly accepted: Call<object, Readonly<Record<string, number>>>;
  /** An HTTP request from inside the namespace. */
  readonly http: Call<{ url: string; body?: string }, { status: number; body: string }>;
}

interface Call<Request extends object, Response = null> {
  readonly request: Readonly<Request>;
  readonly response: Response;
}

/** The request of one call. */
export type RequestOf<K extends keyof AgentCalls> = AgentCalls[K]['request'];
/** The answer of one call. */
export type ResponseOf<K extends keyof AgentCalls> = AgentCalls[K]['response'];

/** One line to the agent. */
export interface AgentRequest {
  readonly id: number;
  readonly call: keyof AgentCalls;
  readonly request: unknown;
}

/** One line from the agent: the answer to the request with the same id. */
export type AgentAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
