/** What other lists have at the top and the kept one has not: words of other years and languages, and of administrators. */
const OWN = `
password1234 password! p@ssword 123123123 1234512345 87654321 987654321 0987654321 9876543210 111111111 1111111111 00000000 000000000 0000000000
22222222 55555555 66666666 77777777 88888888 888888888 99999999 999999999 12341234 12121212 19841984 20202020 10101010 zaq1zaq1 zxcvbnm, abcdefgh
abcdefghi abcd12345 aaaaaaaa aaaaaaaaaa asd12345 iloveyou! loveyou1 iloveme1 lovely123 babygirl1 batman123 pokemon123 welcome123 welcome01 letmein123
whatever1 changeme1 changeme123 admin1234 admin12345 adminadmin administrator1 rootroot root1234 toor1234 testing123 guest123 temp1234 default1
secret123 mysecret google123 facebook1 linkedin chocolate1 hello1234 hellohello helloworld monkey123 shadow123 master123 london123 summer2020
summer2021 summer2022 summer2023 summer2024 summer2025 summer123 winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 winter123
spring2023 spring2024 spring2025 autumn2023 autumn2024 autumn2025 passwort1 passwort123 schatz123 hallohallo ichliebedich ficken123
correcthorsebatterystaple thisisapassword iloveyouiloveyou qwertyuiopasdfgh 123456789012345 1234567890123456 111111111111111 000000000000000
aaaaaaaaaaaaaaa`

let words: Promise<ReadonlySet<string>> | undefined

/**
 * The passwords of at least eight characters that people choose most, in normal form C and small letters. The list is read when it is first
 * asked for: an application without new passwords pays nothing for it.
 */
export function commonPasswords (): Promise<ReadonlySet<string>> {
  words ??= import('./password-list.ts').then(({ PASSWORD_LIST }) => new Set(`${PASSWORD_LIST} ${OWN}`.trim().split(/\s+/)))
  return words
}

/** A password as the list has it. */
export function foldPassword (password: string): string {
  return password.normalize('NFC').toLowerCase()
}
