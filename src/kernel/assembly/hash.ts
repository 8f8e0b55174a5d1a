// Hashes of bytes. They only say where to look: what has the same hash is compared.
import { check } from './bounds.ts';

export function mixed(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

export function hashOf(at: usize, length: i32, hash: u64): u64 {
  for (let i = 0; i < length; i += 8) {
    check(at + i, 8);
    let word = load<u64>(at + i);
    if (length - i < 8) word &= ((1 as u64) << ((length - i) * 8)) - 1;
    hash = mixed(hash, word);
  }
  return hash;
}
