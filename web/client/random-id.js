// @ts-check
/** Ids of our own making: `crypto.randomUUID` is there in secure contexts alone. */

/** 128 random bits, in 32 hexadecimal digits. */
export function randomId() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
