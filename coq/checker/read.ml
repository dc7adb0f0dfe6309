(* From JSON to a certificate. Not trusted: the checker prints the network and the claim that it was
   given, and compares them with the file; lemmas and proofs are only steps to check. *)

module C = Proved
open Json

let two_53 = Z.shift_left Z.one 53

(* A number: below 2^53 written as a number, from there on as a string of at most 600 characters. *)
let number = function
  | Int s ->
      let z = Z.of_string s in
      if Z.lt (Z.abs z) two_53 then z else bad "a number from 2^53 on is a string"
  | Text s ->
      let signed = s <> "" && s.[0] = '-' in
      let from = if signed then 1 else 0 in
      let digits = String.sub s from (String.length s - from) in
      if digits = "" || digits.[0] = '0' || String.length s > 600 then bad "a number is expected";
      String.iter (fun c -> if not (is_digit c) then bad "a number is expected") digits;
      let z = Z.of_string s in
      if Z.lt (Z.abs z) two_53 then bad "a number below 2^53 is no string" else z
  | _ -> bad "a number is expected"

let positive v = let z = number v in if Z.sign z > 0 then z else bad "a number from 1 on is expected"
let nonzero v = let z = number v in if Z.sign z <> 0 then z else bad "a coefficient is zero"

(* An index; a size is one below 2^20, and is kept as an int. *)
let index = function
  | Int s when s.[0] <> '-' -> Z.of_string s
  | _ -> bad "an index is expected"

let below n v = let z = index v in if Z.lt z (Z.of_int n) then Z.to_int z else bad "an index is too large"
let size v = below (1 lsl 20) v

let items = function Items l -> l | _ -> bad "a list is expected"
let some v = match items v with [] -> bad "a list is empty" | l -> l
let string = function Text s -> s | _ -> bad "a string is expected"
let chars s = List.init (String.length s) (String.get s)
let name v = chars (string v)
let optional f = function Null -> None | v -> Some (f v)
let map f l = List.rev (List.rev_map f l)

(* The values of exactly these keys, in their order in the file. *)
let record keys = function
  | Object l when map fst l = keys -> map snd l
  | _ -> bad ("an object with " ^ String.concat ", " keys ^ " is expected")

let pairs l =
  let rec over found = function
    | [] -> List.rev found
    | a :: b :: l -> over ((a, b) :: found) l
    | [ _ ] -> bad "pairs are expected" in
  over [] l

let sparse l = map (fun (i, c) -> (index i, nonzero c)) (pairs l)

(* ---- networks *)

let row v = match some v with
  | bias :: l -> { C.bias = number bias; weights = sparse l }
  | [] -> assert false

let kind v : C.kind = match below 2 v with 0 -> Relu | _ -> Step

let layer v = match record [ "den"; "rows"; "step" ] v with
  | [ den; rows; step ] ->
      let rows = map row (items rows) in
      let kinds = Array.make (List.length rows) (C.Relu : C.kind) in
      List.iter (fun j -> kinds.(below (Array.length kinds) j) <- C.Step) (items step);
      { C.divisor = positive den; rows = List.mapi (fun j r -> (kinds.(j), r)) rows }
  | _ -> assert false

let network v = match record [ "inputs"; "layers"; "output" ] v with
  | [ inputs; layers; output ] -> (
      match record [ "den"; "rows" ] output with
      | [ den; rows ] ->
          { C.inputs = size inputs; layers = map layer (items layers);
            output_divisor = positive den; outputs = map row (items rows) }
      | _ -> assert false)
  | _ -> assert false

(* ---- claims *)

let at_of inside : [ `Number of int | `I | `Index of string ] =
  let n = String.length inside in
  if n > 0 && n < 8 && String.for_all is_digit inside && (n = 1 || inside.[0] <> '0')
  then `Number (int_of_string inside)
  else if inside = "i" then `I
  else `Index inside

let reference indices v : C.reference =
  let s = string v in
  match String.index_opt s '[' with
  | None when s = "i" -> I
  | None -> if List.mem s indices then IndexOf (chars s) else Scalar (chars s)
  | Some k when s.[String.length s - 1] = ']' -> (
      let array = chars (String.sub s 0 k) in
      match at_of (String.sub s (k + 1) (String.length s - k - 2)) with
      | `Number i -> Element (array, i)
      | `I -> ElementI array
      | `Index w -> ElementAt (array, chars w))
  | Some _ -> bad "a reference is expected"

let affine indices = function
  | offset :: l ->
      { C.offset = number offset;
        parts = map (fun (c, r) -> (nonzero c, reference indices r)) (pairs l) }
  | [] -> bad "a sum is expected"

let form indices v = match items v with
  | den :: sum -> (positive den, affine indices sum)
  | [] -> bad "a form is expected"

let definition indices v : C.definition =
  let kind = match v with Object l -> List.assoc_opt "kind" l | _ -> None in
  match kind with
  | Some (Text (("max" | "min") as extreme)) -> (
      match record [ "kind"; "name"; "of" ] v with
      | [ _; m; a ] -> if extreme = "max" then DefineMax (name m, name a) else DefineMin (name m, name a)
      | _ -> assert false)
  | Some (Text "list") -> (
      match record [ "forms"; "kind"; "name" ] v with
      | [ forms; _; a ] -> DefineList (name a, map (form indices) (items forms))
      | _ -> assert false)
  | Some (Text (("form" | "relu" | "step") as shape)) -> (
      let shape : C.shape =
        match shape with "form" -> Linear | "relu" -> Unit Relu | _ -> Unit Step in
      match record [ "form"; "kind"; "length"; "name" ] v with
      | [ f; _; Null; m ] ->
          let den, sum = form indices f in
          DefineScalar (name m, shape, den, sum)
      | [ f; _; length; a ] ->
          let den, sum = form indices f in
          DefineArray (name a, size length, shape, den, sum)
      | _ -> assert false)
  | _ -> bad "a definition is expected"

let atom indices v = match items v with
  | Text "=" :: sum -> ((C.EQ : C.relation), affine indices sum)
  | Text "<=" :: sum -> (C.LE, affine indices sum)
  | Text "<" :: sum -> (C.LT, affine indices sum)
  | _ -> bad "an atom is expected"

let guard v : C.guard * char list = match items v with
  | [ Text "before"; w ] -> (Before, name w)
  | [ Text "after"; w ] -> (After, name w)
  | [ Text "except"; w ] -> (Except, name w)
  | _ -> bad "a guard is expected"

let clause indices v = match record [ "any"; "each"; "where" ] v with
  | [ any; each; where ] ->
      { C.each = optional size each; where_ = optional guard where;
        any = map (fun b -> map (atom indices) (items b)) (items any) }
  | _ -> assert false

let condition v : C.condition = match items v with
  | [ Text "<" ] -> Less
  | [ Text "<=" ] -> LessEqual
  | [ Text "gap"; p; q ] -> Gap (positive p, positive q)
  | [ Text "tie"; p; q ] -> Tie (positive p, positive q)
  | _ -> bad "a condition is expected"

let ratio v = match items v with
  | [ p; q ] -> (positive p, positive q)
  | _ -> bad "a ratio is expected"

let requirement indices v : C.requirement = match v with
  | Object l when List.mem_assoc "winner" l -> (
      match record [ "after"; "before"; "lattice"; "of"; "winner" ] v with
      | [ after; before; lattice; a; w ] ->
          RequireWinner (name w, name a, condition before, condition after, optional ratio lattice)
      | _ -> assert false)
  | _ -> RequireClause (clause indices v)

let statement v = match record [ "define"; "ensures"; "index"; "requires" ] v with
  | [ define; ensures; index; requires ] ->
      let one w = match items w with
        | [ w; n ] -> (name w, size n)
        | _ -> bad "an index is a name and a size" in
      let indices = map (fun w -> string (List.hd (some w))) (items index) in
      { C.index = map one (items index); define = map (definition indices) (items define);
        requires = map (requirement indices) (items requires);
        ensures = map (clause indices) (items ensures) }
  | _ -> assert false

let array v = match record [ "base"; "length"; "name"; "of"; "stride" ] v with
  | [ base; length; array; of_; stride ] ->
      let is_output = match of_ with
        | Text "in" -> false
        | Text "out" -> true
        | _ -> bad "an array is of in or out" in
      { C.array_name = name array; is_output; base = size base; stride = size stride;
        array_length = size length }
  | _ -> assert false

let claim v = match record [ "arrays"; "statements" ] v with
  | [ arrays; statements ] ->
      { C.arrays = map array (items arrays); statements = map statement (items statements) }
  | _ -> assert false

let point v = match record [ "index"; "inputs" ] v with
  | [ index; inputs ] -> (
      match some inputs with
      | den :: xs ->
          { C.point_index = map size (items index); point_den = positive den;
            point_inputs = map number xs }
      | [] -> assert false)
  | _ -> assert false

(* ---- facts and proofs *)

let linear v = match items v with
  | den :: const :: l -> { C.den = positive den; const = number const; lin = sparse l }
  | _ -> bad "a form is expected"

let relation v : C.relation = match below 3 v with 0 -> EQ | 1 -> LE | _ -> LT

let fact_atom v = match items v with
  | rel :: cst :: l -> { C.rel = relation rel; cst = number cst; summands = sparse l }
  | _ -> bad "an atom is expected"

let fact v : C.fact = match v with
  | Object _ -> (
      match record [ "head"; "of" ] v with
      | [ head; forms ] -> FMax (linear head, map linear (some forms))
      | _ -> assert false)
  | _ -> (
      match map (fun b -> map fact_atom (some b)) (some v) with
      | [ [ a ] ] -> FAtom a
      | [ _ ] -> bad "a conjunction is several facts"
      | branches -> FClause branches)

let argument v : C.argument = match v with
  | Items [ u ] -> AUnit (index u)
  | Items _ -> AForm (linear v)
  | Int s when s.[0] = '-' -> AHead (Z.sub (Z.neg (Z.of_string s)) Z.one)
  | _ -> AVariable (index v)

let proof v =
  let rest = ref (some v) and left = ref (List.length (items v)) in
  let next () = match !rest with
    | x :: l -> rest := l; decr left; x
    | [] -> bad "a proof ends in the middle of a step" in
  let count least =
    let k = Z.to_int (index (next ())) in
    if k < least || k > !left then bad "a count is expected" else k in
  let times k one =
    let found = ref [] in
    for _ = 1 to k do found := one () :: !found done;
    List.rev !found in
  let fact_number () = index (next ()) in
  let weighted () = let f = fact_number () in let m = number (next ()) in (f, m) in
  let step () : C.proof_step = match below 10 (next ()) with
    | 0 -> let k = count 1 in Leaf_ (times k weighted)
    | 1 -> Split (fact_number ())
    | 2 -> let k = count 1 in Combine (times k weighted)
    | 3 -> Goal_
    | 4 -> Have (fact (next ()))
    | 5 ->
        let lemma = fact_number () in
        let n = count 0 in
        let values = times n (fun () -> argument (next ())) in
        let k = count 0 in
        Instance_ (lemma, values, times k fact_number)
    | 6 -> (
        match below 3 (next ()) with
        | 0 -> DefineUnit (Relu, linear (next ()))
        | 1 -> DefineUnit (Step, linear (next ()))
        | _ -> let k = count 1 in DefineLargest (times k (fun () -> linear (next ()))))
    | 7 -> let t = fact_number () in Pick (t, fact_number ())
    | 8 -> let f = fact_number () in let g = fact_number () in Merge (f, g, fact_number ())
    | _ -> Elim (fact_number ()) in
  let found = ref [] in
  while !rest <> [] do found := step () :: !found done;
  List.rev !found

let lemma_unit v = match some v with
  | k :: form -> (kind k, linear (Items form))
  | [] -> assert false

let lemma v = match record [ "given"; "proof"; "then"; "units"; "vars" ] v with
  | [ given; steps; then_; units; vars ] ->
      let the_lemma =
        { C.lemma_variables = Z.of_int (size vars); lemma_units = map lemma_unit (items units);
          given = map fact (items given); then_ = map fact (items then_) } in
      { C.the_lemma; steps = proof steps }
  | _ -> assert false

(* The certificate, its points, and the text of its network and of its claim. *)
let certificate data =
  let found = outermost data in
  let keys = [ "claim"; "format"; "lemmas"; "network"; "points"; "proofs"; "version" ] in
  if map fst found <> keys then bad "no certificate";
  match map snd found with
  | [ (claim_, claim_text); (format, _); (lemmas, _); (network_, network_text); (points, _);
      (proofs, _); (version, _) ] ->
      if format <> Text "relumax-certificate" then bad "not a relumax certificate";
      if version <> Int "1" then bad "only version 1 is known";
      let the_network = network network_ in
      let the_claim = claim claim_ in
      let the_lemmas = map lemma (items lemmas) in
      let the_proofs = map proof (items proofs) in
      let points = map (fun l -> map point (items l)) (items points) in
      ({ C.the_network; the_claim; the_lemmas; the_proofs }, points, network_text, claim_text)
  | _ -> assert false
