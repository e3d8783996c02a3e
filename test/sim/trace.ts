/**
 * A rolling hash over everything that happened and was decided in one world.
 * Why: the same seed must give the same run on every machine and Node version; two hashes show it at no cost.
 * Must not: depend on anything but whole numbers and text.
 */

export class Trace {
  #a = 0x9e3779b9 | 0;
  #b = 0x85ebca6b | 0;

  /** Mixes a number; what is past 32 bits counts too. */
  number(value: number): void {
    const whole = Math.floor(value);
    const low = whole | 0;
    const high = (whole / 4_294_967_296) | 0;
    let a = Math.imul(this.#a ^ low, 0x2c1b3c6d);
    a = (a << 13) | (a >>> 19);
    this.#a = (a + high) | 0;
    this.#b = Math.imul(this.#b ^ (this.#a >>> 7), 0x297a2d39) ^ low;
  }

  text(value: string): void {
    this.number(value.length);
    let a = this.#a;
    for (let index = 0; index < value.length; index += 1)
      a = Math.imul(a ^ value.charCodeAt(index), 0x01000193);
    this.#a = a;
    this.number(0);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a) + hex(this.#b);
  }
}
