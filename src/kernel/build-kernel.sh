#!/usr/bin/env bash
# Compiles kernel.c and writes it into code.ts. Needs Debian's clang and lld; run it after a change of kernel.c, and
# commit both. With a file name, writes the module there instead.
set -euo pipefail
cd "$(dirname "$0")"
module=$(mktemp)
trap 'rm -f "$module"' EXIT
clang --target=wasm32 -std=c11 -O3 -msimd128 -nostdlib -ffreestanding -fno-builtin -Wall -Wextra -Werror \
  -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -o "$module" kernel.c
if [ $# -gt 0 ]; then cp "$module" "$1"; exit; fi
{
  echo '/** `kernel.c` as a WebAssembly module, in base64. Written by `build-kernel.sh`; not to be edited. */'
  printf "export const KERNEL =\n  '%s';\n" "$(base64 -w0 "$module")"
} > code.ts
