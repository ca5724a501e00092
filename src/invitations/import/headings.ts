import { type EmployeeType, employeeTypes } from '../../domain/vocabulary.ts';

/*
 * The names of columns and roles in the languages of DocSpace, as people, their programs and the
 * portal write them. Words are compared without case, accents, spaces and punctuation.
 */

export type Column = 'email' | 'type' | 'mode' | 'note' | 'language';

const emailHeadings = wordsOf(`
  email, email address, email addresses, emails, mail, mail address, email id, primary email,
  primary email address, work email, work email address, business email, user email, contact email,
  user principal name, UPN, primary SMTP address
  | E-Mail-Adresse, E-Mail-Adressen, Mailadresse, Mail-Adresse, E-Post, E-Post-Adresse,
  geschäftliche E-Mail, primäre E-Mail, Benutzerprinzipalname
  | adresse e-mail, adresse mail, adresse de messagerie, adresse courriel, courriel,
  courrier électronique, adresse électronique, mél, nom d’utilisateur principal
  | correo, correo electrónico, dirección de correo, dirección de correo electrónico,
  dirección electrónica, dirección de e-mail
  | e-mail endereço, correio eletrónico, correio eletrônico, endereço de e-mail,
  endereço eletrónico, endereço eletrônico, endereço de correio eletrónico
  | indirizzo e-mail, indirizzo mail, indirizzo di posta elettronica, posta elettronica
  | adresă de e-mail, adresa de e-mail, adresa e-mail, poștă electronică
  | e-mailadres, mailadres, sähköposti, sähköpostiosoite, e-pasts, e-pasta adrese
  | adres e-mail, adres poczty elektronicznej, poczta elektroniczna, e-mailová adresa,
  elektronická pošta, e-poštni naslov, e-pošta, imejl adresa, elektronska pošta
  | электронная почта, адрес электронной почты, эл. почта, почта, емейл, имейл, имейл адрес,
  електронна пошта, адреса електронної пошти, електронна поща, имејл адреса, е-пошта
  | ηλεκτρονική διεύθυνση, ηλεκτρονικό ταχυδρομείο, διεύθυνση ηλεκτρονικού ταχυδρομείου
  | e-posta, e-posta adresi, elektron poçt, elektron poçt ünvanı, e-poçt, postë elektronike,
  adresa e emailit, էլ. փոստ, էլ. փոստի հասցե
  | البريد الإلكتروني, عنوان البريد الإلكتروني, địa chỉ email, thư điện tử
  | 邮箱, 邮箱地址, 电子邮件, 电子邮箱, 电子邮件地址, 邮件地址, 電子郵件, 電子郵件地址
  | メール, メールアドレス, 電子メール, 電子メールアドレス, Eメール, Eメールアドレス
  | 이메일, 이메일 주소, 전자 메일, 전자 우편, 메일 주소
`);

const typeHeadings = wordsOf(`
  type, user type, employeeType, account type, typ, Benutzertyp, Nutzertyp, tipo, tipo de usuario,
  tipo utente, type d’utilisateur, tip, típus, typ użytkownika, typ uživatele, gebruikerstype, тип,
  тип пользователя, тип користувача, τύπος, tür, النوع, loại, 类型, 用户类型, 類型, 種類, タイプ, 유형
`);

const languageHeadings = wordsOf(`
  language, preferred language, locale, Sprache, bevorzugte Sprache, langue, langue préférée,
  idioma, idioma preferido, lengua, lingua, język, jazyk, taal, язык, мова, limbă, limba
`);

/** Parts of headings such as `Private e-mail`. Such a column may contain a second address. */
const addressWords = [
  ...wordsOf('email, mail, courriel, correo, почта, пошта, 邮, 郵, メール, 메일'),
];

/** Returns the column that a heading names. Null if the import uses no such column. */
export function columnOf(heading: string): Column | null {
  const word = simplified(heading);
  if (emailHeadings.has(word)) return 'email';
  if (typeHeadings.has(word)) return 'type';
  if (languageHeadings.has(word)) return 'language';
  return word === 'mode' || word === 'note' ? word : null;
}

/** Whether a heading that is not known contains a word for an address. */
export function mentionsAddress(heading: string): boolean {
  const word = simplified(heading);
  return addressWords.some((part) => word.includes(part));
}

/** The words for each role, as the portal shows them under Accounts in the column Type. */
const typeWords: Readonly<Record<EmployeeType, ReadonlySet<string>>> = {
  Guest: wordsOf(`
    guest, Gast, invité, invitado, convidado, ospite, oaspete, invitat, vieras, gość, host, hosť,
    gost, gosti, гость, гість, гост, επισκέπτης, misafir, konuk, qonaq, viesis, mysafir, ضيف, khách,
    访客, 来宾, 訪客, ゲスト, 게스트, հյուր, ແຂກ, අමුත්තා
  `),
  User: wordsOf(`
    user, Benutzer, Nutzer, utilisateur, usuario, usuário, utilizador, utente, utilizator,
    gebruiker, käyttäjä, użytkownik, uživatel, používateľ, uporabnik, korisnik, пользователь,
    користувач, потребител, корисник, χρήστης, kullanıcı, istifadəçi, lietotājs, përdorues, مستخدم,
    người dùng, 用户, 使用者, ユーザー, 사용자, օգտատեր, ຜູ້ໃຊ້, පරිශීලක
  `),
  RoomAdmin: wordsOf(`
    room admin, room administrator, Raumadmin, Raumadministrator, Raum-Administrator,
    administrateur de la salle, administrateur de salle, admin de la salle, admin de salle,
    administrador de la sala, administrador de sala, administrador da sala, admin da sala,
    amministratore della stanza, amministratore stanza, administrator de cameră,
    administratorul camerei, kamerbeheerder, ruimtebeheerder, huoneen ylläpitäjä,
    huoneen järjestelmänvalvoja, administrator pokoju, správce místnosti, správca miestnosti,
    administrátor místnosti, administrátor miestnosti, skrbnik sobe, administrator sobe,
    администратор комнаты, админ комнаты, адміністратор кімнати, администратор на стая,
    администратор собе, διαχειριστής δωματίου, διαχειριστής αίθουσας, oda yöneticisi,
    otaq administratoru, telpas administrators, istabas administrators, مدير الغرفة, مسؤول الغرفة,
    quản trị viên phòng, 房间管理员, 房間管理員, ルーム管理者, ルームの管理者, 방 관리자, 룸 관리자
  `),
  DocSpaceAdmin: wordsOf(`
    DocSpace admin, DocSpace administrator, DocSpace-Administrator, portal admin,
    administrateur DocSpace, administrateur de DocSpace, admin DocSpace, administrador DocSpace,
    administrador de DocSpace, administrador do DocSpace, amministratore DocSpace,
    amministratore di DocSpace, administrator DocSpace, DocSpace-beheerder,
    DocSpace-järjestelmänvalvoja, DocSpacen ylläpitäjä, správce DocSpace, správca DocSpace,
    skrbnik DocSpace, администратор DocSpace, админ DocSpace, адміністратор DocSpace,
    διαχειριστής DocSpace, DocSpace yöneticisi, DocSpace administratoru, DocSpace administrators,
    مدير DocSpace, مسؤول DocSpace, quản trị viên DocSpace, DocSpace 管理员, DocSpace 管理員,
    DocSpace 管理者, DocSpaceの管理者, DocSpace 관리자
  `),
};

/** @returns the name in the API; the word itself if it names no role */
export function typeOf(word: string): string {
  const wanted = simplified(word);
  const isName = (type: EmployeeType) =>
    type.toLowerCase() === wanted || typeWords[type].has(wanted);
  return employeeTypes.find(isName) ?? word;
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.split(/[,|]/).map(simplified));
}

/** Returns the form in which words are compared. Notes in brackets (`[Required]`) are removed, too. */
function simplified(text: string): string {
  return text
    .replace(/\[[^\]]*\]|\([^)]*\)/g, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
