// Owns: the sample project of the demo: a shop's cart in plain shell, with one real little bug.
// Promises: its tests run wherever there is a POSIX /bin/sh; before the fix exactly one of them fails, after it none.
// Never: needs a language runtime, a network or a write outside its own folder.

/** Path inside the project -> text. */
export const sampleProject: Readonly<Record<string, string>> = {
  'README.md': `# cart

Prices are whole cents.

- total: the sum of all prices
- discount: percent off, rounded in favour of the customer
- shipping: 4.90, free from 50.00 on
`,
  'lib/cart.sh': `# Every function prints one number: cents.

total() {
  sum=0
  for price in "$@"; do sum=$((sum + price)); done
  echo "$sum"
}

discount() {
  echo $(($1 - ($1 * $2 + 99) / 100))
}

shipping() {
  if [ "$1" -gt 5000 ]; then echo 0; else echo 490; fi
}
`,
  'test/run.sh': `# Runs every check of the cart; ends with 1 if one fails.
. "\${0%/*}/../lib/cart.sh"
failed=0

check() {
  if [ "$2" = "$3" ]; then
    echo "ok    $1"
  else
    echo "FAIL  $1: expected $2, got $3"
    failed=1
  fi
}

check "total of nothing" 0 "$(total)"
check "total of three" 600 "$(total 100 200 300)"
check "10 percent off 9.99" 899 "$(discount 999 10)"
check "shipping below 50.00" 490 "$(shipping 4999)"
check "shipping at 50.00" 0 "$(shipping 5000)"
check "shipping above 50.00" 0 "$(shipping 5001)"
exit "$failed"
`,
};

export const cartFile = 'lib/cart.sh';
export const testCommand = 'sh test/run.sh';
