/**
 * What ping programs print, each with what it means. iputils 20221126, busybox 1.35 and fping 5.1 were recorded on
 * Debian 12; macOS, inetutils and Windows are written after their manuals, because they do not run here.
 * Must not: be changed to suit the reader; a new program gets a new row.
 */
import type { ProbeAnswer } from "../../shared/probe/result.ts";

export interface PingRecording {
  readonly name: string;
  readonly address: string;
  readonly stdout: string;
  readonly stderr?: string;
  readonly means: ProbeAnswer;
}

const alive = (roundTripMs: number | null): ProbeAnswer => ({
  verdict: "alive",
  detail: "reply",
  roundTripMs,
});
const dead = (detail: ProbeAnswer["detail"]): ProbeAnswer => ({ verdict: "dead", detail, roundTripMs: null });
const none = (detail: ProbeAnswer["detail"]): ProbeAnswer => ({ verdict: "none", detail, roundTripMs: null });

export const pingRecordings: readonly PingRecording[] = [
  {
    name: "iputils: a reply",
    address: "10.231.0.1",
    stdout: `PING 10.231.0.1 (10.231.0.1) 56(84) bytes of data.
64 bytes from 10.231.0.1: icmp_seq=1 ttl=64 time=0.346 ms

--- 10.231.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.346/0.346/0.346/0.000 ms
`,
    means: alive(0.346),
  },
  {
    name: "iputils: a reply over IPv6, the address written otherwise",
    address: "::1",
    stdout: `PING 0:0:0:0:0:0:0:1(::1) 56 data bytes
64 bytes from ::1: icmp_seq=1 ttl=64 time=0.017 ms

--- 0:0:0:0:0:0:0:1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.017/0.017/0.017/0.000 ms
`,
    means: alive(0.017),
  },
  {
    name: "iputils: a reply sent twice",
    address: "10.0.0.2",
    stdout: "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=12.5 ms (DUP!)\n",
    means: alive(12.5),
  },
  {
    name: "iputils: silence",
    address: "10.231.0.77",
    stdout: `PING 10.231.0.77 (10.231.0.77) 56(84) bytes of data.

--- 10.231.0.77 ping statistics ---
2 packets transmitted, 0 received, 100% packet loss, time 1009ms

`,
    means: dead("timeout"),
  },
  {
    name: "iputils: a router says unreachable",
    address: "10.231.0.78",
    stdout: `PING 10.231.0.78 (10.231.0.78) 56(84) bytes of data.
From 10.231.0.1 icmp_seq=1 Destination Host Unreachable
From 10.231.0.1 icmp_seq=2 Destination Host Unreachable

--- 10.231.0.78 ping statistics ---
4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3046ms
pipe 4
`,
    means: dead("unreachable"),
  },
  {
    name: "iputils: a firewall on the way says prohibited",
    address: "10.0.0.2",
    stdout: `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Packet filtered

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`,
    means: dead("unreachable"),
  },
  {
    name: "iputils: unreachable over IPv6",
    address: "fe80::1%eth0",
    stdout: `PING fe80::1%eth0(fe80::1%eth0) 56 data bytes
From fe80::8cc5:97ff:fe58:2b0d%eth0 icmp_seq=1 Destination unreachable: Address unreachable

--- fe80::1%eth0 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`,
    means: dead("unreachable"),
  },
  {
    name: "iputils: packets go round in a circle",
    address: "10.0.0.2",
    stdout: `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Time to live exceeded

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`,
    means: dead("unreachable"),
  },
  {
    name: "iputils: this machine has no way there",
    address: "10.231.8.1",
    stdout: "",
    stderr: "ping: connect: No route to host\n",
    means: dead("unreachable"),
  },
  {
    name: "iputils: another address answers",
    address: "10.0.0.2",
    stdout: `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.3: icmp_seq=1 ttl=64 time=0.3 ms

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
`,
    means: dead("other_address"),
  },
  {
    name: "iputils: another address answers, and it says so itself",
    address: "10.0.0.2",
    stdout: `64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.3 ms (DIFFERENT ADDRESS!)
1 packets transmitted, 1 received, 0% packet loss, time 0ms
`,
    means: dead("timeout"),
  },
  {
    name: "iputils: the payload came back changed",
    address: "10.0.0.2",
    stdout: `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.3 ms
wrong data byte #16 should be 0x10 but was 0x0
#16	0 0 0 0

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
`,
    means: dead("timeout"),
  },
  {
    name: "iputils: no permission",
    address: "127.0.0.1",
    stdout: "",
    stderr: `ping: socktype: SOCK_RAW
ping: socket: Operation not permitted
ping: => missing cap_net_raw+p capability or setuid?
`,
    means: none("no_permission"),
  },
  {
    name: "iputils: a firewall of this machine forbids sending",
    address: "10.0.0.2",
    stdout: `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms
`,
    stderr: "ping: sendmsg: Operation not permitted\n",
    means: none("no_permission"),
  },
  {
    name: "iputils: a route of this machine swallows it",
    address: "10.231.9.1",
    stdout: "",
    stderr: "ping: connect: Invalid argument\n",
    means: none("local_error"),
  },
  {
    name: "busybox: a reply",
    address: "10.231.0.2",
    stdout: `PING 10.231.0.2 (10.231.0.2): 56 data bytes
64 bytes from 10.231.0.2: seq=0 ttl=64 time=0.035 ms

--- 10.231.0.2 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = 0.035/0.035/0.035 ms
`,
    means: alive(0.035),
  },
  {
    name: "busybox: silence",
    address: "10.231.0.77",
    stdout: `PING 10.231.0.77 (10.231.0.77): 56 data bytes

--- 10.231.0.77 ping statistics ---
1 packets transmitted, 0 packets received, 100% packet loss
`,
    means: dead("timeout"),
  },
  {
    name: "busybox: no way there",
    address: "10.231.8.1",
    stdout: "PING 10.231.8.1 (10.231.8.1): 56 data bytes\n",
    stderr: "ping: sendto: No route to host\n",
    means: dead("unreachable"),
  },
  {
    name: "busybox: no permission",
    address: "127.0.0.1",
    stdout: "PING 127.0.0.1 (127.0.0.1): 56 data bytes\n",
    stderr: "ping: permission denied (are you root?)\n",
    means: none("no_permission"),
  },
  {
    name: "inetutils: a reply",
    address: "127.0.0.1",
    stdout: `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.045 ms
--- 127.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max/stddev = 0.045/0.045/0.045/0.000 ms
`,
    means: alive(0.045),
  },
  {
    name: "macOS: a reply",
    address: "192.168.1.1",
    stdout: `PING 192.168.1.1 (192.168.1.1): 56 data bytes
64 bytes from 192.168.1.1: icmp_seq=0 ttl=64 time=3.291 ms

--- 192.168.1.1 ping statistics ---
1 packets transmitted, 1 packets received, 0.0% packet loss
round-trip min/avg/max/stddev = 3.291/3.291/3.291/0.000 ms
`,
    means: alive(3.291),
  },
  {
    name: "macOS: a reply over IPv6",
    address: "fe80::1%en0",
    stdout: `PING6(56=40+8+8 bytes) fe80::2%en0 --> fe80::1%en0
16 bytes from fe80::1%en0, icmp_seq=0 hlim=64 time=2.512 ms
`,
    means: alive(2.512),
  },
  {
    name: "macOS: silence",
    address: "192.168.1.77",
    stdout: `PING 192.168.1.77 (192.168.1.77): 56 data bytes
Request timeout for icmp_seq 0
Request timeout for icmp_seq 1

--- 192.168.1.77 ping statistics ---
3 packets transmitted, 0 packets received, 100.0% packet loss
`,
    means: dead("timeout"),
  },
  {
    name: "macOS: the neighbour does not answer",
    address: "192.168.1.77",
    stdout: `PING 192.168.1.77 (192.168.1.77): 56 data bytes
ping: sendto: Host is down
Request timeout for icmp_seq 0
`,
    means: dead("unreachable"),
  },
  {
    name: "Windows in English: a reply",
    address: "10.0.4.2",
    stdout: `
Pinging 10.0.4.2 with 32 bytes of data:
Reply from 10.0.4.2: bytes=32 time<1ms TTL=128

Ping statistics for 10.0.4.2:
    Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),
`.replaceAll("\n", "\r\n"),
    means: alive(1),
  },
  {
    name: "Windows in Indonesian: a reply",
    address: "10.0.4.2",
    stdout: `
Melakukan ping 10.0.4.2 dengan 32 byte data:
Balasan dari 10.0.4.2: byte=32 waktu=14ms TTL=57

Statistik ping untuk 10.0.4.2:
    Paket: Terkirim = 1, Diterima = 1, Hilang = 0 (0% hilang),
`.replaceAll("\n", "\r\n"),
    means: alive(14),
  },
  {
    name: "Windows: a reply over IPv6 has no TTL",
    address: "fd00::2",
    stdout: "Reply from fd00::2: time=3ms \r\n",
    means: alive(3),
  },
  {
    name: "Windows: unreachable counts as received there, not here",
    address: "10.0.4.77",
    stdout: `
Pinging 10.0.4.77 with 32 bytes of data:
Reply from 10.0.4.1: Destination host unreachable.

Ping statistics for 10.0.4.77:
    Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),
`.replaceAll("\n", "\r\n"),
    means: dead("unreachable"),
  },
  {
    name: "Windows in Indonesian: silence",
    address: "10.0.4.77",
    stdout: `
Melakukan ping 10.0.4.77 dengan 32 byte data:
Permintaan habis waktu.

Statistik ping untuk 10.0.4.77:
    Paket: Terkirim = 1, Diterima = 0, Hilang = 1 (100% hilang),
`.replaceAll("\n", "\r\n"),
    means: dead("timeout"),
  },
  {
    name: "nothing at all",
    address: "10.0.4.77",
    stdout: "",
    means: none("local_error"),
  },
  {
    name: "an address that only begins like the one asked",
    address: "10.0.4.2",
    stdout: "64 bytes from 10.0.4.20: icmp_seq=1 ttl=64 time=0.3 ms\n",
    means: dead("other_address"),
  },
];

export interface FpingRecording {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly otherAddressSeen: boolean;
  readonly means: Readonly<Record<string, ProbeAnswer>>;
}

export const fpingRecordings: readonly FpingRecording[] = [
  {
    name: "two that answer, one that is silent",
    addresses: ["10.231.0.2", "10.231.0.77", "127.0.0.1"],
    stdout: "10.231.0.2 is alive (0.034 ms)\n127.0.0.1 is alive (0.009 ms)\n10.231.0.77 is unreachable\n",
    stderr: "",
    otherAddressSeen: false,
    means: { "10.231.0.2": alive(0.034), "127.0.0.1": alive(0.009), "10.231.0.77": dead("timeout") },
  },
  {
    name: "a router says unreachable",
    addresses: ["10.231.0.2", "10.231.0.77"],
    stdout: "10.231.0.2 is alive (0.024 ms)\n10.231.0.77 is unreachable\n",
    stderr: "ICMP Host Unreachable from 10.231.0.1 for ICMP Echo sent to 10.231.0.77\n",
    otherAddressSeen: false,
    means: { "10.231.0.2": alive(0.024), "10.231.0.77": dead("unreachable") },
  },
  {
    name: "this machine cannot send to some",
    addresses: ["10.231.8.1", "10.231.9.1", "10.231.7.1", "10.231.0.1"],
    stdout:
      "10.231.0.1 is alive (0.028 ms)\n10.231.8.1 is unreachable\n10.231.9.1 is unreachable\n10.231.7.1 is unreachable\n",
    stderr: `10.231.8.1: error while sending ping: No route to host
10.231.9.1: error while sending ping: Invalid argument
10.231.7.1: error while sending ping: Permission denied
`,
    otherAddressSeen: false,
    means: {
      "10.231.0.1": alive(0.028),
      "10.231.8.1": dead("unreachable"),
      "10.231.9.1": none("local_error"),
      "10.231.7.1": none("no_permission"),
    },
  },
  {
    name: "one asked, another answered",
    addresses: ["10.0.0.9"],
    stdout: "10.0.0.9 is alive (0.013 ms)\n",
    stderr: " [<- 10.0.0.1]",
    otherAddressSeen: true,
    means: { "10.0.0.9": dead("other_address") },
  },
  {
    name: "two asked, an answer from elsewhere leaves open whose it is",
    addresses: ["10.0.0.9", "10.0.0.1"],
    stdout: "10.0.0.9 is alive (0.013 ms)\n10.0.0.1 is alive (0.010 ms)\n",
    stderr: " [<- 10.0.0.1]",
    otherAddressSeen: true,
    means: { "10.0.0.9": alive(0.013), "10.0.0.1": alive(0.01) },
  },
  {
    name: "no permission",
    addresses: ["127.0.0.1"],
    stdout: "",
    stderr: "fping: can't create socket (must run as root?)\n",
    otherAddressSeen: false,
    means: { "127.0.0.1": none("no_permission") },
  },
  {
    name: "over IPv6",
    addresses: ["::1", "fe80::1%eth0"],
    stdout: "::1 is alive (0.012 ms)\nfe80::1%eth0 is unreachable\n",
    stderr: "",
    otherAddressSeen: false,
    means: { "::1": alive(0.012), "fe80::1%eth0": dead("timeout") },
  },
];
