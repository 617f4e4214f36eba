/**
 * The passwords of at least eight characters that people choose most, as lists of stolen ones have them again and again. A short
 * list, so that the helper is no empty promise without one; a long one goes into its option `common`.
 */
const LIST = `
password password1 password12 password123 password1234 password! passw0rd p@ssw0rd p@ssword pa55word password2 password01 mypassword
12345678 123456789 1234567890 12345678910 123123123 1234512345 87654321 987654321 0987654321 9876543210 11111111 111111111 1111111111
00000000 000000000 0000000000 22222222 55555555 66666666 77777777 88888888 888888888 99999999 999999999 12341234 11223344 1122334455
12121212 123321123 147258369 159753456 123654789 741852963 789456123 321654987 31415926 19841984 20202020 10101010 01012011 12344321
qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 1qaz2wsx 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 qazwsxedc
qwer1234 qweasdzxc asdfghjk asdfghjkl asdf1234 asdfasdf zxcvbnm1 zxcvbnm123 1qazxsw2 zaq12wsx zaq1zaq1 zxcvbnm, qazwsx123 azertyuiop
abcd1234 abc12345 abcdefgh abcdefghi abc123456 abcd12345 a1b2c3d4 a123456789 a12345678 aa123456 aaaaaaaa aaaaaaaaaa asd12345 1a2b3c4d
iloveyou iloveyou1 iloveyou2 iloveyou! ihateyou loveyou1 iloveme1 lovelove lovely123 sunshine sunshine1 princess princess1 babygirl1
football football1 baseball baseball1 basketball softball superman superman1 batman123 spiderman starwars starwars1 pokemon1 pokemon123
welcome1 welcome123 welcome01 letmein1 letmein123 trustno1 whatever whatever1 changeme changeme1 changeme123 computer computer1 internet
administrator admin123 admin1234 admin12345 adminadmin administrator1 rootroot root1234 toor1234 testtest test1234 testing1 testing123 guest123 temp1234
default1 secret123 mysecret security samsung1 google123 facebook facebook1 linkedin microsoft minecraft jordan23 michael1 jennifer
jennifer1 michelle jessica1 charlie1 anthony1 danielle victoria elizabeth alexander alexandra benjamin samantha maverick mercedes corvette
mustang1 cocacola chocolate chocolate1 butterfly elephant dolphins hello123 hello1234 hellohello helloworld monkey123 dragon123 shadow123
master123 freedom1 liverpool liverpool1 chelsea1 arsenal1 barcelona juventus realmadrid manchester champion london123 summer2020
summer2021 summer2022 summer2023 summer2024 summer2025 summer123 winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 winter123
spring2023 spring2024 spring2025 autumn2023 autumn2024 autumn2025 passwort passwort1 passwort123 schatz123 hallo123 hallohallo fussball
ichliebedich ficken123 correcthorsebatterystaple thisisapassword passwordpassword iloveyouiloveyou qwertyuiopasdfgh 123456789012345
1234567890123456 111111111111111 000000000000000 aaaaaaaaaaaaaaa`

/** In small letters. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/))
