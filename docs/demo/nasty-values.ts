const BASE = [
  '', ' ', '\u00a0', "' OR '1'='1", "'; DROP TABLE users; --", '" onmouseover="alert(1)', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '</textarea><script>alert(1)</script>', '&lt;b&gt;', 'javascript:alert(1)', '{{7*7}}', '<%= 7*7 %>', '#{7*7}',
  '../../etc/passwd', '..\\..\\windows\\win.ini', 'CON', 'null', 'undefined', 'NaN', 'true', '0', '-1', '1e309', '0x10', '9007199254740993', '１２', '1_000', '__proto__', 'constructor', 'toString', 'hasOwnProperty',
  '\u202egnp.exe', 'a\u200bb', 'p\u0430ypal', '\u0430dmin', '\u{1f600}', '\u{1f1e9}\u{1f1ea}', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', 'e\u0301', '\u212b', '\ufb01', 'Z\u0351\u0300\u0301\u0302\u0303algo', '\u05e9\u05dc\u05d5\u05dd', '\u0645\u0631\u062d\u0628\u0627', '\u4f60\u597d', 'stra\u00dfe', '\u0130stanbul', '\ufeffbom',
  'a@b', 'a@b.co', 'a@@b.co', '"<script>"@x.org', 'a@[127.0.0.1]', 'a b@c.co', 'a@b..co', 'taken@example.com', 'a@b.co, c@d.co', 'A <a@b.co>', 'a%00@b.co', 'a@xn--bcher-kva.example',
  'http://example.com', '//evil.example', 'https:\\\\evil.example', 'data:text/html,x', 'file:///etc/passwd', 'ftp://x', '=1+1', '+1', '-2+3', '@SUM(1)', '$(reboot)', '`reboot`', '; ls', '| cat', '&& true', '%0d%0aSet-Cookie: a=b', '%00', '%', '%ff', '\\', '\\u0000', "O'Neil", 'Anna-Maria', 'root', 'admin', 'aaa',
  'a.b', '.a', 'a..b', '1abc', 'abc-def', 'abc def', 'user_name', 'Robert\u2019); DROP', '\u037e', '\u2028', 'ab'
]

/** A hundred values that somebody has entered somewhere. */
export const NASTY: readonly string[] = [...BASE, 'x'.repeat(26), 'x'.repeat(1000), 'anna.2026'].slice(0, 100)
