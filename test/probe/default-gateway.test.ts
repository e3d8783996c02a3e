/**
 * Whose gateway it is: routing tables as systems print them. Linux was recorded on Debian 12; macOS and Windows are
 * written after their manuals and screens, because they do not run here.
 */
import { describe, expect, it } from "vitest";
import {
  findDefaultGateways,
  readBsdRoutes,
  readLinuxIpv6Routes,
  readLinuxRoutes,
  readWindowsRoutes,
} from "../../shared/probe/default-gateway.ts";
import { createProgramFolder } from "./programs.ts";

const HEAD =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                         ";
const linux = (...rows: readonly string[]): string => [HEAD, ...rows, ""].join("\n");

describe("Linux, IPv4", () => {
  const lan = "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";

  it("the default route's gateway", () => {
    expect(
      readLinuxRoutes(linux("eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0", lan), "LE"),
    ).toBe("192.168.0.1");
  });

  it("on a machine of the other byte order the same digits are another address", () => {
    expect(readLinuxRoutes(linux("eth0\t00000000\tC0A80001\t0003\t0\t0\t0\t00000000\t0\t0\t0"), "BE")).toBe(
      "192.168.0.1",
    );
  });

  it("of two, the one with the least metric", () => {
    const table = linux(
      "wlan0\t00000000\t0101000A\t0003\t0\t0\t600\t00000000\t0\t0\t0",
      "eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0",
    );
    expect(readLinuxRoutes(table, "LE")).toBe("10.0.2.1");
  });

  it.each([
    ["a cable without a router", "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0"],
    ["a route that turns everybody away", "*\t00000000\t0100A8C0\t0203\t0\t0\t0\t00000000\t0\t0\t0"],
    ["a route that is not up", "eth0\t00000000\t0100A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0"],
    ["half of the world", "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0"],
    ["one net behind a router", "eth0\t0000000A\t0100A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0"],
    ["a torn line", "eth0\t00000000\t01"],
  ])("%s: none", (_, row) => {
    expect(readLinuxRoutes(linux(row, lan), "LE")).toBeNull();
  });
});

describe("Linux, IPv6", () => {
  const zeros = "0".repeat(32);
  const row = (gateway: string, metric: string, flags: string, device = "eth0", prefix = "00"): string =>
    `${zeros} ${prefix} ${zeros} 00 ${gateway} ${metric} 00000003 00000000 ${flags}     ${device}`;
  const fd = `fd${"0".repeat(29)}1`;
  const linkLocal = `fe80${"0".repeat(24)}0001`;

  it("the default route's gateway, in its short form", () => {
    expect(readLinuxIpv6Routes(row(fd, "00000400", "00000003"))).toBe("fd00::1");
  });

  it("a link-local one with its interface", () => {
    expect(readLinuxIpv6Routes(row(linkLocal, "00000400", "00450003", "wlan0"))).toBe("fe80::1%wlan0");
  });

  it("of two, the one with the least metric", () => {
    const table = [row(linkLocal, "00000400", "00000003"), row(fd, "00000064", "00000003")].join("\n");
    expect(readLinuxIpv6Routes(table)).toBe("fd00::1");
  });

  it.each([
    ["the kernel's own last resort", row(zeros, "ffffffff", "00200200", "lo")],
    ["a route without a router", row(zeros, "00000400", "00000001")],
    ["one net", row(fd, "00000400", "00000003", "eth0", "40")],
    ["nothing", ""],
  ])("%s: none", (_, table) => {
    expect(readLinuxIpv6Routes(table)).toBeNull();
  });
});

describe("macOS and FreeBSD", () => {
  const macos = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.1.1        UGScg                 en0
default            link#20            UCSIg           bridge100      !
127                127.0.0.1          UCS                   lo0
192.168.1          link#6             UCS                   en0      !
192.168.1.1/32     link#6             UCS                   en0      !
192.168.1.1        a4:91:b1:12:34:56  UHLWIir               en0   1183

Internet6:
Destination                             Gateway                                 Flags               Netif Expire
default                                 fe80::a691:b1ff:fe12:3456%en0           UGcg                  en0
default                                 fe80::%utun0                            UGcIg               utun0
::1                                     ::1                                     UHL                   lo0
`;

  it("the first default of each family", () => {
    expect(readBsdRoutes(macos)).toEqual(["192.168.1.1", "fe80::a691:b1ff:fe12:3456%en0"]);
  });

  it("a default through an interface alone is no gateway", () => {
    expect(readBsdRoutes("default            link#20            UCSIg           bridge100      !\n")).toEqual(
      [],
    );
  });
});

describe("Windows", () => {
  const german = `===========================================================================
Schnittstellenliste
 12...00 15 5d 01 02 03 ......Microsoft Hyper-V Network Adapter
  1...........................Software Loopback Interface 1
===========================================================================

IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.9.1     192.168.9.44     35
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.20     25
        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331
===========================================================================
Ständige Routen:
  Netzwerkadresse          Netzmaske  Gatewayadresse  Metrik
          0.0.0.0          0.0.0.0        10.9.9.9       1
===========================================================================

IPv6-Routentabelle
===========================================================================
Aktive Routen:
 If Metrik Netzwerkziel             Gateway
 12    281 ::/0                     fe80::a691:b1ff:fe12:3456
  1    331 ::1/128                  Auf Verbindung
===========================================================================
Ständige Routen:
  0 4294967295 ::/0                     fe80::9
===========================================================================
`;

  it("the active routes with the least metric, in any language", () => {
    expect(readWindowsRoutes(german)).toEqual(["192.168.1.1", "fe80::a691:b1ff:fe12:3456%12"]);
  });

  it("a long IPv6 route goes on in the next line", () => {
    expect(
      readWindowsRoutes(
        " 12  4506 ::/0                     \r\n       2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff\r\n",
      ),
    ).toEqual(["2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"]);
  });

  it("without a router there is none", () => {
    expect(
      readWindowsRoutes("          0.0.0.0          0.0.0.0         On-link      10.8.0.2      5\r\n"),
    ).toEqual([]);
  });
});

describe("this machine", () => {
  it.skipIf(process.platform !== "linux")("has at most one of each family", async () => {
    const gateways = await findDefaultGateways();
    expect(gateways.length).toBeLessThanOrEqual(2);
    expect(gateways.filter((gateway) => gateway.includes(":")).length).toBeLessThanOrEqual(1);
  });

  it.skipIf(process.platform === "win32")(
    "asks a program where there is no file; one that is missing is none",
    async () => {
      const folder = await createProgramFolder();
      const path = process.env["PATH"];
      try {
        process.env["PATH"] = folder.path;
        expect(await findDefaultGateways({ platform: "darwin" })).toEqual([]);
        await folder.script("netstat", 'test "$*" = -rn && echo "default 192.168.7.1 UGScg en0"');
        expect(await findDefaultGateways({ platform: "darwin" })).toEqual(["192.168.7.1"]);
      } finally {
        process.env["PATH"] = path;
        await folder.close();
      }
    },
  );
});
