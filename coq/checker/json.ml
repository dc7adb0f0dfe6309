(* Canonical JSON and nothing else: no white space, keys strictly increasing, no escape (no string of a
   certificate needs one), integers without leading zeros. The text of the values of the outermost
   object is kept, since the checker prints what it has read and compares. *)

exception Malformed of string

let bad reason = raise (Malformed reason)

type t = Null | Int of string | Text of string | Items of t list | Object of (string * t) list

type reader = { data : string; mutable at : int }

let peek r = if r.at < String.length r.data then r.data.[r.at] else bad "the file ends early"
let eat r c = if peek r = c then r.at <- r.at + 1 else bad (Printf.sprintf "%C is expected at %d" c r.at)

let text r =
  eat r '"';
  let from = r.at in
  while
    let c = peek r in
    if c = '\\' || c < ' ' || c > '~' then bad "a character that no certificate has";
    c <> '"'
  do r.at <- r.at + 1 done;
  r.at <- r.at + 1;
  String.sub r.data from (r.at - 1 - from)

let is_digit c = c >= '0' && c <= '9'

let integer r =
  let from = r.at in
  if peek r = '-' then r.at <- r.at + 1;
  let first = r.at in
  while r.at < String.length r.data && is_digit r.data.[r.at] do r.at <- r.at + 1 done;
  let digits = r.at - first in
  if digits = 0 || digits > 16 then bad "no integer below 2^53";
  if r.data.[first] = '0' && (digits > 1 || first > from) then bad "a leading zero";
  Int (String.sub r.data from (r.at - from))

(* What stands between commas, up to the closing character. *)
let sequence r opening closing one =
  eat r opening;
  if peek r = closing then (r.at <- r.at + 1; [])
  else begin
    let found = ref [ one () ] in
    while peek r = ',' do r.at <- r.at + 1; found := one () :: !found done;
    eat r closing;
    List.rev !found
  end

let ordered keys =
  let rec over = function a :: (b :: _ as l) -> if a < b then over l else bad "keys in order" | _ -> () in
  over keys

let pair value r =
  let key = text r in
  eat r ':';
  (key, value r)

let fields value r =
  let found = sequence r '{' '}' (fun () -> pair value r) in
  ordered (List.rev (List.rev_map fst found));
  found

let rec value r = match peek r with
  | '"' -> Text (text r)
  | '[' -> Items (sequence r '[' ']' (fun () -> value r))
  | '{' -> Object (fields value r)
  | 'n' -> String.iter (eat r) "null"; Null
  | '-' | '0' .. '9' -> integer r
  | _ -> bad "no JSON of a certificate"

(* The fields of the outermost object, each with its value and its text. *)
let outermost data =
  let r = { data; at = 0 } in
  let with_text r =
    let from = r.at in
    let found = value r in
    (found, String.sub data from (r.at - from)) in
  let found = fields with_text r in
  if r.at <> String.length data then bad "something follows the certificate";
  found
