// The checked build, which only the tests use: it traps if the kernel reads or writes outside the array that it means to.
// In the shipped build (`--noAssert`) nothing of this is left.

const MOST_ARRAYS: u32 = 255;
const UNIT = 16; // arrays are aligned to this

// Behind all static memory: where each array ends, and for each unit of memory the number of its array; zero is none.
function endOf(number: u32): usize {
  return __heap_base + 4 * <usize>number;
}
function ownerOf(address: usize): usize {
  return __heap_base + 4 * (MOST_ARRAYS + 1) + address / UNIT;
}

let count: u32 = 0;

/** Declares an array. Each array in static memory is declared once, right behind its definition. */
export function declareArray(address: usize, size: i32): void {
  if (ASC_NO_ASSERT) return;
  count++;
  assert(count <= MOST_ARRAYS);
  assert(address % UNIT == 0);
  store<u32>(endOf(count), <u32>address + <u32>size);
  for (let at = address; at < address + <usize>size; at += UNIT) {
    assert(load<u8>(ownerOf(at)) == 0);
    store<u8>(ownerOf(at), <u8>count);
  }
}

/** Traps unless all of [at, at + size) lies in one array. */
export function check(at: usize, size: i32): void {
  if (ASC_NO_ASSERT) return;
  assert(at < __heap_base);
  const owner = load<u8>(ownerOf(at));
  assert(owner != 0);
  assert(<u32>at + <u32>size <= load<u32>(endOf(owner)));
}

/** The same, and that it is the array in which `base` lies. */
export function checkIn(base: usize, at: usize, size: i32): void {
  if (ASC_NO_ASSERT) return;
  check(at, size);
  assert(load<u8>(ownerOf(at)) == load<u8>(ownerOf(base)));
}
