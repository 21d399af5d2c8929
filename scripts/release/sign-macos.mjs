// Owns: the ad-hoc signature of a macOS executable, as a linker writes it: the hash of every page, nobody's name.
// Promises: the result carries exactly one, valid signature; the same input gives the same bytes.
// Never: signs for somebody. bun writes such a signature for arm64 itself; on x64 it leaves the one of its own runtime, which
// no longer fits, so that macOS would end the program.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const page = 4096;
const headerSize = 32;
const commandSegment = 0x19;
const commandSignature = 0x1d;
const directorySize = 88;

export function signAdHoc(path) {
  const old = readFileSync(path);
  const { signature, text, linkedit } = loadCommands(old);
  const start = old.readUInt32LE(signature + 8);
  const blob = emptySignature('aworkers', start, Number(old.readBigUInt64LE(text + 48)));
  const made = Buffer.concat([old.subarray(0, start), blob.bytes]);
  made.writeUInt32LE(blob.bytes.length, signature + 12);
  const linkeditSize = made.length - Number(made.readBigUInt64LE(linkedit + 40));
  made.writeBigUInt64LE(BigInt(Math.ceil(linkeditSize / page) * page), linkedit + 32);
  made.writeBigUInt64LE(BigInt(linkeditSize), linkedit + 48);
  // The load commands are in the first page: only now nothing that is hashed changes any more.
  for (let at = 0, slot = start + blob.hashes; at < start; at += page, slot += 32) {
    hashOf(made.subarray(at, Math.min(at + page, start))).copy(made, slot);
  }
  writeFileSync(path, made);
}

/** Throws unless every page has the hash that the signature names. */
export function checkSignature(path) {
  const file = readFileSync(path);
  const blob = file.readUInt32LE(loadCommands(file).signature + 8);
  const directory = blob + file.readUInt32BE(blob + 16);
  const [hashes, pages, limit] = [16, 28, 32].map((field) => file.readUInt32BE(directory + field));
  const bad = Array.from({ length: pages }, (_, n) => n).filter((n) => {
    const slot = directory + hashes + 32 * n;
    return !hashOf(file.subarray(n * page, Math.min((n + 1) * page, limit))).equals(file.subarray(slot, slot + 32));
  });
  if (bad.length > 0 || limit !== blob)
    throw new Error(`${path}: ${bad.length} of ${pages} pages do not fit the signature.`);
}

/** Where the load commands of interest are. */
function loadCommands(file) {
  if (file.readUInt32LE(0) !== 0xfe_ed_fa_cf) throw new Error('This is no 64-bit Mach-O file.');
  const found = {};
  let at = headerSize;
  for (let n = file.readUInt32LE(16); n > 0; n -= 1) {
    const command = file.readUInt32LE(at);
    if (command === commandSignature) found.signature = at;
    const name = command === commandSegment ? file.toString('latin1', at + 8, at + 24).replace(/\0+$/, '') : '';
    if (name === '__TEXT') found.text = at;
    if (name === '__LINKEDIT') found.linkedit = at;
    at += file.readUInt32LE(at + 4);
  }
  if (Object.keys(found).length < 3) throw new Error('This Mach-O file has no place for a signature.');
  return found;
}

/** A blob with one code directory, its hashes still zero. Numbers are big-endian here. */
function emptySignature(name, codeSize, textSize) {
  const ident = Buffer.from(`${name}\0`);
  const pages = Math.ceil(codeSize / page);
  const hashOffset = directorySize + ident.length;
  const length = hashOffset + 32 * pages;
  const bytes = Buffer.alloc(20 + length);
  const numbers = [0xfa_de_0c_c0, bytes.length, 1, 0, 20];
  // Version 2.4; ad hoc and signed by a linker; no special slots.
  numbers.push(0xfa_de_0c_02, length, 0x2_04_00, 0x2_00_02, hashOffset, directorySize, 0, pages, codeSize);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index);
  bytes.set([32, 2, 0, 12], 20 + 36); // SHA-256, pages of 2^12 bytes
  bytes.writeBigUInt64BE(BigInt(textSize), 20 + 72);
  bytes.writeBigUInt64BE(1n, 20 + 80); // the main executable
  ident.copy(bytes, 20 + directorySize);
  return { bytes, hashes: 20 + hashOffset };
}

function hashOf(bytes) {
  return createHash('sha256').update(bytes).digest();
}
