(* Functions that the extracted checker uses in place of Coq's, each with the same values, which count
   the work that is done. `Exhausted` is raised when a file needs more than its length allows: the
   checker then says neither yes nor no. Nothing is timed. *)

exception Exhausted

let left = ref 0

let budget length = left := min ((400 * length) + 10_000_000) 4_000_000_000

let spend work =
  left := !left - work;
  if !left < 0 then raise Exhausted

(* Whole words of a number, squared where a product or a common divisor takes so long. *)
let words x = Z.size x

let add x y = spend (1 + words x); Z.add x y
let mul x y = spend (1 + (words x * words y)); Z.mul x y

(* Coq's division rounds down, and by 0 gives 0. *)
let div x y =
  spend (1 + (words x * words y));
  if Z.sign y = 0 then Z.zero else Z.fdiv x y

let gcd x y = spend (4 + (64 * words x * words y)); Z.gcd x y

let ggcd x y =
  let g = gcd x y in
  if Z.sign g = 0 then (g, (Z.zero, Z.zero)) else (g, (Z.div x g, Z.div y g))

let equal x y = spend 1; Z.equal x y
let compare x y = spend 1; Z.compare x y
let same_name (a : char list) b = spend 4; a = b


(* The place of a number in a map: found, or put, in as many steps as it has bits. *)
let succ_pos x = spend 100; Z.succ x

let append l m = spend (1 + (4 * List.length l)); List.rev_append (List.rev l) m
let map f l = spend (1 + (32 * List.length l)); List.rev (List.rev_map f l)

let rec nth n l default = match l with
  | [] -> default
  | x :: l -> if n = 0 then x else (spend 1; nth (n - 1) l default)

let rec nth_error l n = match l with
  | [] -> None
  | x :: l -> if n = 0 then Some x else (spend 1; nth_error l (n - 1))

(* The decimal digits of a number; zarith's are many times faster than those that are extracted. *)
let digits x =
  let s = Z.to_string x in
  spend (String.length s * words x);
  List.init (String.length s) (String.get s)
