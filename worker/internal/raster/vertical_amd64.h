// The loops of the vertical pass. The including function sets
//
//	DI	dst
//	CX	columns, a multiple of 16
//	SI	the first row
//	R8	bytes from one row to the next
//	R9	weights
//	R10	rows, a multiple of 2
//
// and defines
//
//	LOAD	the instruction that loads 16 samples and widens them to 16 bits
//	STEP	bytes of 16 samples
//	SHIFT	fraction bits of a sum
//
// 16 columns at a time, two rows at a time: their samples are interleaved, so one VPMADDWD with a pair of weights adds
// both rows. Unpacking and packing work within each half of a register, so the second undoes the first.
	MOVL         $(1<<(SHIFT-1)), AX // half
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

column:
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	MOVQ    SI, AX
	MOVQ    R9, BX
	MOVQ    R10, DX

row:
	LOAD         (AX), Y2
	LOAD         (AX)(R8*1), Y3
	VPBROADCASTD (BX), Y4
	VPUNPCKLWD   Y3, Y2, Y5
	VPUNPCKHWD   Y3, Y2, Y6
	VPMADDWD     Y4, Y5, Y5
	VPMADDWD     Y4, Y6, Y6
	VPADDD       Y5, Y0, Y0
	VPADDD       Y6, Y1, Y1
	LEAQ         (AX)(R8*2), AX
	ADDQ         $4, BX
	SUBQ         $2, DX
	JNE          row

	VPSRAD    $SHIFT, Y0, Y0
	VPSRAD    $SHIFT, Y1, Y1
	VPACKSSDW Y1, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $32, DI
	ADDQ      $STEP, SI
	SUBQ      $16, CX
	JNE       column

	VZEROUPPER
	RET
