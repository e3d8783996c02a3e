/**
 * A door into a namespace: an address on this machine's loopback that leads to a port in there.
 * Why: the namespaces have no cable to this machine. A socket that is a file is seen from everywhere; a fault proxy that
 * never fails carries it on inside.
 * Must not: be used by what is tested.
 */
import { connect, createServer, type AddressInfo } from "node:net";

export interface Door {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** `path`: the socket file that a program inside listens on, now or later. */
export async function openDoor(path: string): Promise<Door> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path, allowHalfOpen: true });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
